// The rows of a SQLite database as readings, some at a time: of a table `measurements`, or of Home Assistant's
// recorder. docs/operating/import.md Thread: one at a time. Memory: SQLite's cache and the names that were met last.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

struct RowReport {
    std::uint64_t rows = 0;
    std::uint64_t without_value = 0;  // rows that say that there is none
    std::uint64_t refused = 0;
    std::vector<std::string> errors;  // "row 17 of measurements: ...", the first kErrorsKept of them
};

class DatabaseReader {
  public:
    // What of the database there is to read is found by its tables. Errors: invalid, where there are none that are
    // known; those of the file.
    static Result<std::unique_ptr<DatabaseReader>> open(const std::string& path);

    virtual ~DatabaseReader() = default;
    // Appends the readings of further rows to an empty batch, until it has `points` or a few more. false: that was all.
    virtual Result<bool> read(storage::Batch& batch, std::size_t points) = 0;

    // Where a reading of the last batch came from, by its origin: "row 17 of measurements".
    std::string place(std::uint32_t origin) const;
    const RowReport& report() const { return report_; }
    // How many rows there may be.
    std::uint64_t rows_expected() const { return rows_expected_; }

  protected:
    // A row begins: gives the origin of its readings.
    std::uint32_t start_row(std::string_view table, std::int64_t row);
    void forget_places() { places_.clear(); }
    // The row that began last.
    void refuse(std::string_view why);
    // Rows that nobody can read, as far as they can be counted.
    void lose(std::uint64_t rows, std::string_view what);
    void skip() { ++report_.without_value; }
    void expect(std::uint64_t rows) { rows_expected_ += rows; }

  private:
    struct Place {
        std::string_view table;
        std::int64_t row;
    };
    std::vector<Place> places_;  // of the batch's rows
    RowReport report_;
    std::uint64_t rows_expected_ = 0;
};

}  // namespace pomiar::ingest
