#include "storage/database/connection.hpp"

#include <utility>

#include <fmt/core.h>
#include <sqlite3.h>

#include "storage/database/sectors.hpp"

namespace pomiar::storage {
namespace {

constexpr int kCopyPages = 256;  // between two looks at whether to go on

// To whom a page is of use it is the same whether it cannot be read or is not what was written.
bool is_unreadable(int code) {
    return code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS;
}

std::unexpected<Error> sqlite_failure(sqlite3* connection, std::string_view doing) {
    const int code = connection == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(connection);
    ErrorKind kind = ErrorKind::invalid;
    switch (code & 0xff) {
        case SQLITE_FULL:
            kind = ErrorKind::full;
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            kind = ErrorKind::busy;
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            kind = ErrorKind::corrupt;
            break;
        case SQLITE_IOERR:
            kind = is_unreadable(code) ? ErrorKind::corrupt : ErrorKind::io;
            break;
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
            kind = ErrorKind::io;
            break;
        default:
            break;
    }
    return failure(kind, fmt::format("SQLite, {}: {}", doing,
                                     connection == nullptr ? "out of memory" : sqlite3_errmsg(connection)));
}

// The first line is enough to find a statement.
std::string_view summary(std::string_view sql) {
    return sql.substr(0, sql.find('\n')).substr(0, 80);
}

Result<Statement> prepare_on(sqlite3* connection, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) return sqlite_failure(connection, summary(sql));
    return Statement(statement);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), parameter, value);
    return *this;
}
Statement& Statement::bind(int parameter, double value) {
    sqlite3_bind_double(statement_.get(), parameter, value);
    return *this;
}
Statement& Statement::bind_text(int parameter, std::string_view value) {
    sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}
Statement& Statement::bind_blob(int parameter, std::string_view value) {
    sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(), SQLITE_STATIC);
    return *this;
}

Result<Statement> Statement::prepare_beside(std::string_view sql) const {
    return prepare_on(sqlite3_db_handle(statement_.get()), sql);
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    auto failed = sqlite_failure(sqlite3_db_handle(statement_.get()), summary(sqlite3_sql(statement_.get())));
    reset();
    return failed;
}

Result<> Statement::run() {
    auto row = step();
    if (!row) return failure(std::move(row));
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const {
    return sqlite3_column_double(statement_.get(), column);
}
bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
    const auto* bytes = sqlite3_column_text(statement_.get(), column);
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}
std::string_view Statement::blob(int column) const {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Connection::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

Result<Connection> Connection::open(const std::string& path, Access access, std::uint64_t cache_bytes) {
    Connection opened;
    sqlite3* raw = nullptr;
    const int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (access == Access::read_only ? 0 : SQLITE_OPEN_CREATE);
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    opened.connection_.reset(raw);
    if (code != SQLITE_OK) return sqlite_failure(raw, "open " + path);
    sqlite3_extended_result_codes(raw, 1);
    distrust_sectors(raw);
    if (access == Access::alone) {
        if (auto set = opened.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"); !set)
            return failure(std::move(set));
        return opened;
    }
    const std::string settings = fmt::format(
        "PRAGMA busy_timeout=2000; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{};"
        "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=1048576; PRAGMA query_only={};",
        cache_bytes / 1024, access == Access::read_only ? 1 : 0);
    if (auto set = opened.execute(settings); !set) return failure(std::move(set));
    if (access == Access::read_write) {
        if (auto set = opened.set_modes(); !set) return failure(std::move(set));
    }
    return opened;
}

// Page size and auto_vacuum count only on an empty file and before the journal mode writes its header; set again, the
// latter would write. Blocks are a few KiB each: small pages waste less at their ends.
Result<> Connection::set_modes() {
    auto vacuum = prepare("PRAGMA auto_vacuum");
    if (!vacuum) return failure(std::move(vacuum));
    if (auto row = vacuum->step(); !row) return failure(std::move(row));
    const bool set = vacuum->integer(0) == 2;
    vacuum->reset();
    return execute(set ? "PRAGMA journal_mode=WAL"
                       : "PRAGMA page_size=1024; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL");
}

Result<> Connection::execute(const std::string& sql) {
    if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return sqlite_failure(connection_.get(), summary(sql));
    }
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    return prepare_on(connection_.get(), sql);
}

Result<> Connection::checkpoint() {
    int in_log = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_FULL, &in_log, &moved);
    if (code != SQLITE_OK) return sqlite_failure(connection_.get(), "checkpoint");
    if (moved < in_log) return failure(ErrorKind::busy, "SQLite, checkpoint: a reader stands in the way");
    return {};
}

Result<> Connection::copy_to(Connection& destination, const std::function<bool()>& go_on) {
    // One read transaction around all steps, or the copy would begin anew with each write.
    if (auto begun = execute("BEGIN; SELECT count(*) FROM sqlite_schema"); !begun) return begun;
    auto copied = copy_pages(destination, go_on);
    const auto ended = execute("ROLLBACK");  // nothing was changed
    return copied ? ended : copied;
}

Result<> Connection::copy_pages(Connection& destination, const std::function<bool()>& go_on) {
    sqlite3* to = destination.connection_.get();
    sqlite3_backup* copying = sqlite3_backup_init(to, "main", connection_.get(), "main");
    if (copying == nullptr) return sqlite_failure(to, "copy");
    bool stopped = false;
    while (!stopped && sqlite3_backup_step(copying, kCopyPages) == SQLITE_OK) stopped = go_on && !go_on();
    if (sqlite3_backup_finish(copying) != SQLITE_OK) return sqlite_failure(to, "copy");  // it has the step's error
    if (stopped) return failure(ErrorKind::unavailable, "the copy was stopped half way");
    return {};
}

Result<Transaction> Transaction::begin(Connection& connection) {
    if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return failure(std::move(begun));
    return Transaction(connection);
}

Transaction::~Transaction() {
    if (connection_ != nullptr)
        (void)connection_->execute("ROLLBACK");  // a failed rollback leaves nothing to do better
}

Result<> Transaction::commit() {
    if (auto committed = connection_->execute("COMMIT"); !committed) return committed;
    connection_ = nullptr;
    return {};
}

}  // namespace pomiar::storage
