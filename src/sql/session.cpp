#include "sql/session.hpp"

#include <limits>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"
#include "sql/permissions.hpp"
#include "sql/sqlite.hpp"
#include "sql/table.hpp"

namespace pomiar::sql {
namespace {

constexpr int kStepsBetweenQuestions = 1'000;  // of SQLite's machine, whether to go on
constexpr std::size_t kSqlBytesMax = 1u << 20;

struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Cell cell_of(sqlite3_stmt* statement, int column) {
    const auto bytes = [&](const void* data) {
        return std::string_view(static_cast<const char*>(data),
                                static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    };
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return {.kind = Cell::Kind::integer, .integer = sqlite3_column_int64(statement, column)};
        case SQLITE_FLOAT:
            return {.kind = Cell::Kind::real, .real = sqlite3_column_double(statement, column)};
        case SQLITE_TEXT:
            return {.kind = Cell::Kind::text, .bytes = bytes(sqlite3_column_text(statement, column))};
        case SQLITE_BLOB:
            return {.kind = Cell::Kind::blob, .bytes = bytes(sqlite3_column_blob(statement, column))};
        default:
            return {};
    }
}

class SqliteSession final : public Session {
  public:
    SqliteSession(Source& source, SessionOptions options)
        : options_(std::move(options)),
          heap_before_(sqlite3_hard_heap_limit64(options_.heap_bytes_max)),
          context_(source) {}
    SqliteSession(const SqliteSession&) = delete;
    SqliteSession& operator=(const SqliteSession&) = delete;
    ~SqliteSession() override {
        connection_.reset();
        sqlite3_hard_heap_limit64(heap_before_);
    }

    Result<> connect() {
        sqlite3* raw = nullptr;
        const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
        connection_.reset(raw);
        if (opened != SQLITE_OK) return trouble();
        sqlite3_extended_result_codes(raw, 1);
        const auto execute = [&](const char* sql) {
            return sqlite3_exec(raw, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
        };
        // The table is made at its first use, in ways that later need permissions.
        const bool is_ready = execute("PRAGMA temp_store=MEMORY") && add_time_collation(raw) == SQLITE_OK &&
                              add_eponymous_tables(raw, context_) == SQLITE_OK &&
                              execute("SELECT 1 FROM measurements, rollups_5m, rollups_1h, rollups_1d LIMIT 0");
        if (!is_ready) return trouble();
        permissions_.watch(raw);
        sqlite3_progress_handler(
            raw, kStepsBetweenQuestions,
            [](void* self) { return static_cast<SqliteSession*>(self)->options_.interrupted() ? 1 : 0; }, this);
        return {};
    }

    Result<RunOutcome> run(std::string_view sql, AnswerVisitor& visitor) override {
        if (sql.size() > kSqlBytesMax)
            return failure(ErrorKind::too_large, fmt::format("the SQL is longer than {}", format_size(kSqlBytesMax)));
        RunOutcome outcome;
        while (!trim(sql).empty()) {
            auto statement = prepare(sql);
            if (!statement) return failure(std::move(statement));
            if (*statement == nullptr) continue;  // a comment
            context_.delete_by_range = permissions_.is_delete() && permissions_.decides_by_row();
            context_.damage.reset();
            if (auto done = answer(statement->get(), visitor); !done) return failure(std::move(done));
            if (context_.damage) outcome.damage.push_back(context_.damage->message);
        }
        return outcome;
    }

  private:
    // The first statement, which is taken from the text.
    Result<Statement> prepare(std::string_view& sql) {
        permissions_.forget();
        sqlite3_stmt* raw = nullptr;
        const char* rest = nullptr;
        const int code = sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &raw, &rest);
        Statement statement(raw);
        if (code != SQLITE_OK) return trouble();
        sql.remove_prefix(static_cast<std::size_t>(rest - sql.data()));
        return statement;
    }

    Result<> answer(sqlite3_stmt* statement, AnswerVisitor& visitor) {
        const int count = sqlite3_column_count(statement);
        if (count > 0) {
            std::vector<std::string> names;
            names.reserve(static_cast<std::size_t>(count));
            for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement, i));
            if (auto begun = visitor.begin(names); !begun) return begun;
        }
        std::vector<Cell> cells(static_cast<std::size_t>(count));
        for (;;) {
            const int code = sqlite3_step(statement);
            if (code == SQLITE_DONE) break;
            if (code != SQLITE_ROW) return trouble();
            for (int i = 0; i < count; ++i) cells[static_cast<std::size_t>(i)] = cell_of(statement, i);
            if (auto taken = visitor.row(cells); !taken) return taken;
        }
        return count > 0 ? visitor.end() : Result<>();
    }

    std::unexpected<Error> trouble() {
        sqlite3* raw = connection_.get();
        const int code = raw == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(raw);
        const std::string message = raw == nullptr ? "" : sqlite3_errmsg(raw);
        switch (code & 0xff) {
            case SQLITE_NOMEM:
                return failure(ErrorKind::full,
                               fmt::format("the statement needs more memory than {}: choose fewer readings by sensor, "
                                           "field or created_at, or raise memory.limit",
                                           format_size(static_cast<std::uint64_t>(options_.heap_bytes_max))));
            case SQLITE_AUTH:
                return failure(ErrorKind::denied, permissions_.refusal());
            case SQLITE_INTERRUPT:
                return failure(ErrorKind::unavailable, "interrupted");
            case SQLITE_CORRUPT:
                return failure(ErrorKind::corrupt, message);
            case SQLITE_IOERR:
                return failure(ErrorKind::io, message);
            default:
                return failure(ErrorKind::invalid, message);
        }
    }

    SessionOptions options_;
    sqlite3_int64 heap_before_;
    TableContext context_;
    Permissions permissions_;
    std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace

Result<std::unique_ptr<Session>> Session::open(Source& source, SessionOptions options) {
    auto session = std::make_unique<SqliteSession>(source, std::move(options));
    if (auto connected = session->connect(); !connected) return failure(std::move(connected));
    return session;
}

}  // namespace pomiar::sql
