// Readings as CSV (RFC 4180: commas, quotes doubled inside quotes, newlines allowed there), part by part. The first
// line names the columns, in any order:
//   time | ts_s | ts_ms | ts_us | ts_ns   RFC 3339, or an integer in that unit
//   sensor, field                         the sensor's canonical text and the field
//   series                                instead of those two: "home.Room3.Brightness" is field Brightness of
//   home.Room3 value type                                  optional: float, int, uint, bool, text; without it
//   plain_value.hpp decides
// Other columns are refused. See docs/operating/import.md.
// Owns:   the unfinished record, at most kLineBytesMax, and the names it has met.
// Errors: a wrong record costs only itself; a wrong header is a failure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/readings_reader.hpp"
#include "ingest/series_table.hpp"

namespace pomiar::ingest {

class CsvReader final : public ReadingsReader {
  public:
    Result<> feed(std::string_view part, storage::Batch& batch) override;
    Result<> finish(storage::Batch& batch) override;

  private:
    enum Column : std::size_t { kTime, kSensor, kField, kSeries, kValue, kType, kColumns };

    Result<std::size_t> read_records(std::string_view input, bool last, storage::Batch& batch);
    Result<> read_header();
    Result<> take_record(std::string_view record, storage::Batch& batch);
    std::string read_reading(storage::Batch& batch);
    Result<SeriesTable::Index> find_series();
    Result<SeriesTable::Index> find_named_series();
    void refuse(std::string message);
    bool has(Column column) const { return columns_[column] != kAbsent; }
    std::string_view cell(Column column) const { return has(column) ? cells_[columns_[column]] : std::string_view{}; }

    static constexpr std::size_t kAbsent = ~std::size_t{0};

    SeriesTable table_;
    std::array<std::size_t, kColumns> columns_{};
    Nanoseconds time_unit_ = 0;  // 0: RFC 3339
    std::size_t width_ = 0;      // columns; 0 until the header is read
    std::vector<std::string_view> cells_;
    std::vector<std::string> unquoted_;  // cells that hold doubled quotes
    std::string kept_;
    bool skipping_ = false;  // inside a record that is too long
};

}  // namespace pomiar::ingest
