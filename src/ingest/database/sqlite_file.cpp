#include "ingest/database/sqlite_file.hpp"

#include <array>
#include <fstream>

#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/text.hpp"

namespace pomiar::ingest {
namespace {

constexpr int kBusyMilliseconds = 5'000;
constexpr std::size_t kReadVersionOffset = 19;  // of the header; 2: there is a write-ahead log

std::unexpected<Error> trouble(sqlite3* connection, std::string_view doing) {
    const int code = connection == nullptr ? SQLITE_NOMEM : sqlite3_errcode(connection);
    ErrorKind kind = ErrorKind::invalid;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) kind = ErrorKind::corrupt;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) kind = ErrorKind::busy;
    if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY) kind = ErrorKind::io;
    return failure(kind,
                   fmt::format("{}: {}", doing, connection == nullptr ? "out of memory" : sqlite3_errmsg(connection)));
}

bool has_bytes(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

// A database with a write-ahead log would get one when it is opened, even to be read, unless it is said that nobody
// writes to it: while somebody does, there is a log.
bool is_at_rest(const std::string& path) {
    std::array<char, 20> header{};
    std::ifstream(path, std::ios::binary).read(header.data(), header.size());
    return header[kReadVersionOffset] == 2 && !has_bytes(path + "-wal");
}

}  // namespace

void Rows::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Result<bool> Rows::next() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return trouble(sqlite3_db_handle(statement_.get()), "cannot be read");
}

Rows::Type Rows::type(int column) const {
    switch (sqlite3_column_type(statement_.get(), column)) {
        case SQLITE_INTEGER:
            return Type::integer;
        case SQLITE_FLOAT:
            return Type::real;
        case SQLITE_TEXT:
            return Type::text;
        case SQLITE_BLOB:
            return Type::blob;
        default:
            return Type::null;
    }
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

double Rows::real(int column) const {
    return sqlite3_column_double(statement_.get(), column);
}

std::string_view Rows::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void SqliteFile::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

Result<SqliteFile> SqliteFile::open(const std::string& path) {
    if (!has_bytes(path)) return failure(ErrorKind::not_found, "there is no such file, or it is empty");
    const std::string uri =
        fmt::format("file:{}?mode=ro{}", percent_encode(path), is_at_rest(path) ? "&immutable=1" : "");
    SqliteFile file;
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(uri.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    file.connection_.reset(raw);
    if (code != SQLITE_OK) return trouble(raw, "cannot be opened");
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    // Nothing beside it is made, and its files are all open from now on.
    constexpr const char* kStart = "PRAGMA temp_store=MEMORY; PRAGMA query_only=1; BEGIN; SELECT 1 FROM sqlite_schema";
    if (sqlite3_exec(raw, kStart, nullptr, nullptr, nullptr) != SQLITE_OK) return trouble(raw, "cannot be opened");
    return file;
}

Result<Rows> SqliteFile::query(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &statement, nullptr);
    Rows rows(statement);
    if (code != SQLITE_OK) return trouble(connection_.get(), "cannot be read");
    return rows;
}

Result<std::vector<SqliteFile::Column>> SqliteFile::columns(std::string_view table) {
    auto rows = query(fmt::format("PRAGMA table_info({})", quoted_name(table)));
    if (!rows) return failure(std::move(rows));
    std::vector<Column> columns;
    for (;;) {
        auto row = rows->next();
        if (!row) return failure(std::move(row));
        if (!*row) return columns;
        columns.push_back({std::string(rows->text(1)), std::string(rows->text(2))});
    }
}

std::uint64_t SqliteFile::last_row(std::string_view table) {
    auto rows = query(fmt::format("SELECT max(rowid) FROM {}", quoted_name(table)));
    if (!rows) return 0;
    const auto row = rows->next();
    return row && *row && rows->integer(0) > 0 ? static_cast<std::uint64_t>(rows->integer(0)) : 0;
}

std::string quoted_name(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

}  // namespace pomiar::ingest
