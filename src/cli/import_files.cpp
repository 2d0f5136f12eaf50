// pomiar import: files of readings into the store. Writing a reading again changes nothing, so an import that was cut
// off is simply run again.
#include <memory>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "cli/progress.hpp"
#include "cli/readings/gateway.hpp"
#include "cli/readings/import_source.hpp"
#include "ingest/limits.hpp"

namespace pomiar::cli {
namespace {

class Import {
  public:
    Import(Gateway& gateway, const Clock& clock, std::string path, ImportSource& source)
        : gateway_(gateway), path_(std::move(path)), source_(source), progress_(clock, path_, source.total()) {}

    Result<> run() {
        storage::Batch batch;
        for (bool more = true; more;) {
            batch.clear();
            const auto read = source_.read(batch);
            for (const std::string& fault : source_.new_faults()) tell(fault);
            // What came before a place that cannot be read is good, too.
            if (auto r = flush(std::move(batch)); !r) return r;
            if (!read)
                return failure(read.error().kind, fmt::format("{}: {}; {} readings before it are taken", path_,
                                                              read.error().message, stored_));
            more = *read;
            batch = {};
            progress_.show(source_.done(), stored_);
        }
        return {};
    }

    std::uint64_t refused() const { return refused_ + source_.refused(); }
    void print_counts() const {
        fmt::print("{}: {} readings, {} {} refused", path_, stored_, refused(), source_.unit());
        if (source_.without_value() > 0) fmt::print(", {} without a value", source_.without_value());
        fmt::print("\n");
    }

  private:
    Result<> flush(storage::Batch batch) {
        if (batch.empty()) return {};
        auto outcome = gateway_.append(std::move(batch));
        if (!outcome) return failure(std::move(outcome));
        stored_ += outcome->stored;
        for (const auto& refusal : outcome->refused) {
            tell(fmt::format("{}: {}", source_.place(refusal.origin), refusal.message));
            ++refused_;
        }
        return {};
    }

    void tell(std::string_view what) {
        if (told_++ < ingest::kErrorsKept) fmt::print(stderr, "pomiar: {}: {}\n", path_, what);
        if (told_ == ingest::kErrorsKept) fmt::print(stderr, "pomiar: {}: further ones are only counted\n", path_);
    }

    Gateway& gateway_;
    std::string path_;
    ImportSource& source_;
    Progress progress_;
    std::size_t told_ = 0;
    std::uint64_t stored_ = 0;
    std::uint64_t refused_ = 0;  // by the store; the source has its own
};

}  // namespace

Result<int> import_files(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const SystemClock clock;
    // Opened before anything is changed, and before giving up root's rights.
    std::vector<std::unique_ptr<ImportSource>> sources;
    for (const auto& path : line.files) {
        auto source = ImportSource::open(path, clock.now());
        if (!source) return failure(std::move(source));
        sources.push_back(std::move(*source));
    }
    if (auto r = become_owner_of(loaded->configuration.storage.path); !r) return failure(std::move(r));
    auto gateway = open_gateway(loaded->configuration, IfMissing::create);
    if (!gateway) return failure(std::move(gateway));
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        Import import(**gateway, clock, line.files[i], *sources[i]);
        if (auto r = import.run(); !r) return failure(std::move(r));
        import.print_counts();
        refused += import.refused();
        sources[i].reset();
    }
    return refused == 0 ? kExitDone : kExitFailed;
}

}  // namespace pomiar::cli
