// A connection to a SQLite database and its prepared statements.
// Owns:    the connection; statements must go before it.
// Thread:  one per connection.
// Errors:  full (SQLITE_FULL), busy, corrupt, io, else invalid; the message names the statement's purpose and SQLite's
// reason.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace pomiar::storage {

class Statement {
  public:
    Statement() = default;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    // Parameters count from 1. Text and blobs are borrowed until reset().
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, double value);  // a NaN is stored as NULL
    Statement& bind_text(int parameter, std::string_view value);
    Statement& bind_blob(int parameter, std::string_view value);

    // true: a row is there. false: done, and the statement is reset.
    Result<bool> step();
    // For statements without rows: step and reset.
    Result<> run();
    void reset();
    // Another statement of the same connection, which this one must not outlive either.
    Result<Statement> prepare_beside(std::string_view sql) const;

    // Columns count from 0; views hold until the next step.
    std::int64_t integer(int column) const;
    double real(int column) const;
    bool is_null(int column) const;
    std::string_view text(int column) const;
    std::string_view blob(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection {
  public:
    // alone: a file that nobody else looks at until it is whole; nothing is logged, nothing synced.
    enum class Access { read_write, read_only, alone };
    static Result<Connection> open(const std::string& path, Access access, std::uint64_t cache_bytes);

    Result<> execute(const std::string& sql);  // one or more statements without rows
    Result<Statement> prepare(std::string_view sql);
    // Everything that is in the write-ahead log into the file, both synced. busy where a reader stands in the way.
    Result<> checkpoint();
    // All pages, as of one moment, in place of what `destination` has (sqlite3_backup). Writers go on meanwhile; their
    // checkpoints wait. go_on: asked every few pages, may be empty. Errors: unavailable, when it says no.
    Result<> copy_to(Connection& destination, const std::function<bool()>& go_on = {});

  private:
    Result<> copy_pages(Connection& destination, const std::function<bool()>& go_on);
    Result<> set_modes();

    struct Close {
        void operator()(sqlite3* connection) const;
    };
    std::unique_ptr<sqlite3, Close> connection_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back unless committed.
class Transaction {
  public:
    static Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<> commit();

  private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace pomiar::storage
