// pomiar import: files of readings into the store. Writing a reading again changes nothing, so an import that was cut
// off is simply run again.
#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "cli/progress.hpp"
#include "cli/readings/gateway.hpp"
#include "cli/readings/input.hpp"
#include "ingest/csv.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_protocol_reader.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kPartBytes = 64u << 10;
constexpr std::size_t kBatchPoints = 10'000;

// A table begins with the names of its columns; no line of line protocol looks like that.
bool looks_like_csv(std::string_view beginning) {
    if (beginning.starts_with("\xef\xbb\xbf")) beginning.remove_prefix(3);
    const auto cells = split(trim(beginning.substr(0, beginning.find('\n'))), ',');
    constexpr std::string_view kTimes[] = {"time", "ts_s", "ts_ms", "ts_us", "ts_ns"};
    return cells.size() > 1 && std::ranges::any_of(cells, [&](std::string_view cell) {
               if (cell.size() > 2 && cell.starts_with('"') && cell.ends_with('"'))
                   cell = cell.substr(1, cell.size() - 2);
               return std::ranges::find(kTimes, trim(cell)) != std::end(kTimes);
           });
}

std::unique_ptr<ingest::ReadingsReader> reader_for(std::string_view beginning, Nanoseconds now) {
    if (looks_like_csv(beginning)) return std::make_unique<ingest::CsvReader>();
    return std::make_unique<ingest::LineProtocolReader>(ingest::LineTimes{.now = now, .unit = 1});
}

class Import {
  public:
    Import(Gateway& gateway, std::string path, std::unique_ptr<Input> input)
        : gateway_(gateway),
          path_(std::move(path)),
          input_(std::move(input)),
          progress_(clock_, path_, input_->bytes_total()) {}

    Result<> run() {
        std::string part(kPartBytes, '\0');
        for (bool more = true; more;) {
            auto count = input_->read(part.data(), part.size());
            if (!count) return failure(std::move(count));
            const std::string_view text(part.data(), *count);
            more = *count == part.size();
            if (!reader_) reader_ = reader_for(text, clock_.now());
            if (auto r = reader_->feed(text, batch_); !r) return in_this_file(r.error());
            if (!more) {
                if (auto r = reader_->finish(batch_); !r) return in_this_file(r.error());
            }
            tell_errors();
            if (!more || batch_.size() >= kBatchPoints) {
                if (auto r = flush(); !r) return r;
            }
            progress_.show(input_->bytes_read(), stored_);
        }
        return {};
    }

    std::uint64_t stored() const { return stored_; }
    std::uint64_t refused() const { return refused_ + reader_->report().refused; }

  private:
    std::unexpected<Error> in_this_file(const Error& error) const {
        return failure(error.kind, fmt::format("{}: {}", path_, error.message));
    }

    Result<> flush() {
        if (batch_.empty()) return {};
        auto outcome = gateway_.append(std::move(batch_));
        batch_ = {};
        if (!outcome) return failure(std::move(outcome));
        stored_ += outcome->stored;
        for (const auto& refusal : outcome->refused) {
            tell(fmt::format("line {}: {}", refusal.origin, refusal.message));
            ++refused_;
        }
        return {};
    }

    void tell_errors() {
        const auto& errors = reader_->report().errors;
        for (; told_errors_ < errors.size(); ++told_errors_) tell(errors[told_errors_].text());
    }
    void tell(std::string_view what) {
        if (told_++ < ingest::kErrorsKept) fmt::print(stderr, "pomiar: {}: {}\n", path_, what);
        if (told_ == ingest::kErrorsKept) fmt::print(stderr, "pomiar: {}: further ones are only counted\n", path_);
    }

    SystemClock clock_;
    Gateway& gateway_;
    std::string path_;
    std::unique_ptr<Input> input_;
    Progress progress_;
    storage::Batch batch_;
    std::unique_ptr<ingest::ReadingsReader> reader_;
    std::size_t told_errors_ = 0;
    std::size_t told_ = 0;
    std::uint64_t stored_ = 0;
    std::uint64_t refused_ = 0;  // by the store; the reader has its own
};

}  // namespace

Result<int> import_files(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    std::vector<std::unique_ptr<Input>>
        inputs;  // opened before anything is changed, and before giving up root's rights
    for (const auto& path : line.files) {
        auto input = Input::open(path);
        if (!input) return failure(std::move(input));
        inputs.push_back(std::move(*input));
    }
    if (auto r = become_owner_of(loaded->configuration.storage.path); !r) return failure(std::move(r));
    auto gateway = open_gateway(loaded->configuration, IfMissing::create);
    if (!gateway) return failure(std::move(gateway));
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Import import(**gateway, line.files[i], std::move(inputs[i]));
        if (auto r = import.run(); !r) return failure(std::move(r));
        fmt::print("{}: {} readings, {} lines refused\n", line.files[i], import.stored(), import.refused());
        refused += import.refused();
    }
    return refused == 0 ? kExitDone : kExitFailed;
}

}  // namespace pomiar::cli
