// The rows of a table in the order of their rowids, past pages that cannot be read: what is before and after them is
// good. Thread: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ingest/database/sqlite_file.hpp"

namespace pomiar::ingest {

class TableWalk {
  public:
    // Rows that cannot be read: from `first` to `last`, or to the end. Some of these numbers may never have been used.
    struct Gap {
        std::int64_t first;
        std::optional<std::int64_t> last;
        std::string why;
    };

    // select: "SELECT m.rowid, ... FROM measurements m". rowid: "m.rowid", the first column. Without (a view has none)
    // the order is SQLite's own, and damage is the end. The file outlives the walk.
    static Result<TableWalk> open(SqliteFile& file, std::string select, std::string rowid);

    // false: that was all. Errors: those of the file, but for damage that was passed over.
    Result<bool> next();
    const Rows& row() const { return rows_; }
    // What was passed over before the row at hand, or before the end; told once.
    std::optional<Gap> take_gap() { return std::exchange(gap_, std::nullopt); }

  private:
    TableWalk(SqliteFile& file, std::string select, std::string rowid)
        : file_(&file), select_(std::move(select)), rowid_(std::move(rowid)) {}

    Result<bool> step_from(std::optional<std::int64_t> last);
    Result<bool> start_after(std::int64_t row);
    Result<bool> pass_over(const Error& damage);

    SqliteFile* file_;
    std::string select_;
    std::string rowid_;
    Rows rows_{nullptr};
    std::optional<std::int64_t> last_;
    std::optional<Gap> gap_;
};

}  // namespace pomiar::ingest
