#include "cli/readings/import_source.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "cli/readings/input.hpp"
#include "ingest/csv.hpp"
#include "ingest/database/database_reader.hpp"
#include "ingest/database/sqlite_file.hpp"
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

Result<std::unique_ptr<ingest::ReadingsReader>> reader_for(std::string_view beginning, Nanoseconds now) {
    if (beginning.starts_with(ingest::kSqliteMagic))
        return failure(ErrorKind::invalid, "it is a SQLite database: unpack it, and give it by its name");
    if (looks_like_csv(beginning)) return std::make_unique<ingest::CsvReader>();
    return std::make_unique<ingest::LineProtocolReader>(ingest::LineTimes{.now = now, .unit = 1});
}

class TextSource final : public ImportSource {
  public:
    TextSource(std::unique_ptr<Input> input, Nanoseconds now) : input_(std::move(input)), now_(now) {}

    Result<bool> read(storage::Batch& batch) override {
        while (batch.size() < kBatchPoints) {
            auto count = input_->read(part_.data(), part_.size());
            if (!count) return failure(std::move(count));
            const std::string_view text(part_.data(), *count);
            if (!reader_) {
                auto reader = reader_for(text, now_);
                if (!reader) return failure(std::move(reader));
                reader_ = std::move(*reader);
            }
            if (auto r = reader_->feed(text, batch); !r) return failure(std::move(r));
            if (*count < part_.size()) {
                if (auto r = reader_->finish(batch); !r) return failure(std::move(r));
                return false;
            }
        }
        return true;
    }

    std::string place(std::uint32_t origin) const override { return fmt::format("line {}", origin); }
    std::vector<std::string> new_faults() override {
        std::vector<std::string> faults;
        if (!reader_) return faults;
        const auto& errors = reader_->report().errors;
        for (; told_ < errors.size(); ++told_) faults.push_back(errors[told_].text());
        return faults;
    }
    std::uint64_t refused() const override { return reader_ ? reader_->report().refused : 0; }
    std::string_view unit() const override { return "lines"; }
    std::uint64_t done() const override { return input_->bytes_read(); }
    std::uint64_t total() const override { return input_->bytes_total(); }

  private:
    std::unique_ptr<Input> input_;
    Nanoseconds now_;
    std::unique_ptr<ingest::ReadingsReader> reader_;
    std::string part_ = std::string(kPartBytes, '\0');
    std::size_t told_ = 0;
};

class DatabaseSource final : public ImportSource {
  public:
    explicit DatabaseSource(std::unique_ptr<ingest::DatabaseReader> reader) : reader_(std::move(reader)) {}

    Result<bool> read(storage::Batch& batch) override { return reader_->read(batch, kBatchPoints); }
    std::string place(std::uint32_t origin) const override { return reader_->place(origin); }
    std::vector<std::string> new_faults() override {
        const auto& errors = reader_->report().errors;
        std::vector<std::string> faults(errors.begin() + static_cast<std::ptrdiff_t>(told_), errors.end());
        told_ = errors.size();
        return faults;
    }
    std::uint64_t refused() const override { return reader_->report().refused; }
    std::uint64_t without_value() const override { return reader_->report().without_value; }
    std::string_view unit() const override { return "rows"; }
    std::uint64_t done() const override { return reader_->report().rows; }
    std::uint64_t total() const override { return reader_->rows_expected(); }

  private:
    std::unique_ptr<ingest::DatabaseReader> reader_;
    std::size_t told_ = 0;
};

// Not of a pipe: what is read from it is gone.
bool is_database(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    std::array<char, ingest::kSqliteMagic.size()> beginning{};
    std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size());
    return std::string_view(beginning.data(), beginning.size()) == ingest::kSqliteMagic;
}

}  // namespace

Result<std::unique_ptr<ImportSource>> ImportSource::open(const std::string& path, Nanoseconds now) {
    if (path != "-" && is_database(path)) {
        auto reader = ingest::DatabaseReader::open(path);
        if (!reader) return failure(reader.error().kind, fmt::format("{}: {}", path, reader.error().message));
        return std::make_unique<DatabaseSource>(std::move(*reader));
    }
    auto input = Input::open(path);
    if (!input) return failure(std::move(input));
    return std::make_unique<TextSource>(std::move(*input), now);
}

}  // namespace pomiar::cli
