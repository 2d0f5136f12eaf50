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
// Of the header.
constexpr std::size_t kPageSizeOffset = 16;     // 1: 65,536
constexpr std::size_t kReadVersionOffset = 19;  // 2: there is a write-ahead log
constexpr std::size_t kChangesOffset = 24;
constexpr std::size_t kPagesOffset = 28;
constexpr std::size_t kChangesOfPagesOffset = 92;  // as of when the pages were counted
constexpr std::uint64_t kPageSizeMax = 65'536;

std::unexpected<Error> trouble(sqlite3* connection, std::string_view doing) {
    const int code = connection == nullptr ? SQLITE_NOMEM : sqlite3_errcode(connection);
    ErrorKind kind = ErrorKind::invalid;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) kind = ErrorKind::corrupt;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) kind = ErrorKind::busy;
    if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY) kind = ErrorKind::io;
    return failure(kind,
                   fmt::format("{}: {}", doing, connection == nullptr ? "out of memory" : sqlite3_errmsg(connection)));
}

std::uint64_t bytes_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

using Header = std::array<char, 100>;

Header header_of(const std::string& path) {
    Header header{};
    std::ifstream(path, std::ios::binary).read(header.data(), header.size());
    return header;
}

std::uint64_t big_endian(const Header& header, std::size_t offset, std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = offset; i < offset + bytes; ++i) number = number << 8 | static_cast<unsigned char>(header[i]);
    return number;
}

// A database with a write-ahead log would get one when it is opened, even to be read, unless it is said that nobody
// writes to it: while somebody does, there is a log.
bool is_at_rest(const std::string& path) {
    return header_of(path)[kReadVersionOffset] == 2 && bytes_of(path + "-wal") == 0;
}

// What a copy that was broken off lacks; empty where it is not that.
std::string cut_off(const std::string& path) {
    const Header header = header_of(path);
    const std::uint64_t page_size = big_endian(header, kPageSizeOffset, 2);
    const std::uint64_t pages = big_endian(header, kPagesOffset, 4);
    const bool pages_are_told = big_endian(header, kChangesOffset, 4) == big_endian(header, kChangesOfPagesOffset, 4);
    const std::uint64_t expected = pages * (page_size == 1 ? kPageSizeMax : page_size);
    if (!pages_are_told || bytes_of(path) >= expected) return {};
    return fmt::format("it ends after {} of {} bytes", bytes_of(path), expected);
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
    if (bytes_of(path) == 0) return failure(ErrorKind::not_found, "there is no such file, or it is empty");
    const std::string uri =
        fmt::format("file:{}?mode=ro{}", percent_encode(path), is_at_rest(path) ? "&immutable=1" : "");
    SqliteFile file;
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(uri.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    file.connection_.reset(raw);
    if (code != SQLITE_OK) return trouble(raw, "cannot be opened");
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    const auto does = [raw](const char* sql) { return sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) == SQLITE_OK; };
    // Nothing beside it is made, and its files are all open from now on.
    constexpr const char* kLook = "SELECT 1 FROM sqlite_schema";
    if (does("PRAGMA temp_store=MEMORY; PRAGMA query_only=1; BEGIN") && does(kLook)) return file;
    auto failed = trouble(raw, "cannot be opened");
    if (failed.error().kind == ErrorKind::corrupt) file.damage_ = cut_off(path);
    if (file.damage_.empty()) return failed;
    // SQLite shows what is left of such a file only to who says that the schema may be repaired.
    if (does("PRAGMA writable_schema=1") && does(kLook)) return file;
    failed.error().message += "; " + file.damage_;
    return failed;
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
