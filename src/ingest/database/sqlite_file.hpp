// Somebody's SQLite database, opened to be read and never changed, beside whoever writes to it.
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace pomiar::ingest {

inline constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};  // how such a file begins

// Rows of one query. Borrows from the file.
class Rows {
  public:
    enum class Type { null, integer, real, text, blob };

    explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}

    Result<bool> next();
    Type type(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    // Also of a number; valid until the next row. Empty for NULL.
    std::string_view text(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteFile {
  public:
    struct Column {
        std::string name;
        std::string declared_type;
    };

    // Sees the database as of now, until it is closed. Errors: not_found, io, corrupt, busy.
    static Result<SqliteFile> open(const std::string& path);

    Result<Rows> query(const std::string& sql);
    // None: there is no such table or view.
    Result<std::vector<Column>> columns(std::string_view table);
    // What is known to be wrong with it, though some of it can be read; empty, as a rule.
    const std::string& damage() const { return damage_; }
    // The greatest rowid; 0 for an empty table, and one without.
    std::uint64_t last_row(std::string_view table);

  private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    std::unique_ptr<sqlite3, Close> connection_;
    std::string damage_;
};

// "measurements" as a name in SQL.
std::string quoted_name(std::string_view name);

}  // namespace pomiar::ingest
