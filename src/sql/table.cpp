#include "sql/table.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <new>
#include <utility>

#include "sql/created_at.hpp"
#include "sql/cursor.hpp"
#include "sql/plan.hpp"
#include "sql/span_cursor.hpp"

namespace pomiar::sql {
namespace {

constexpr std::size_t kRemovalsPending = 10'000;  // ranges

// span: of a roll-up; 0 for the readings themselves.
struct Kind {
    const char* name;
    Nanoseconds span;
};
constexpr Kind kKinds[] = {
    {"measurements", 0}, {"rollups_5m", 5 * kMinute}, {"rollups_1h", kHour}, {"rollups_1d", kDay}};

// What a module of an eponymous table is given.
struct Eponymous {
    TableContext& context;
    const Kind& kind;
};

// What the SQL of a table is connected to.
struct Table : sqlite3_vtab {
    TableContext* context = nullptr;
    const Kind* kind = &kKinds[0];
    // Of a table made by CREATE VIRTUAL TABLE, which owns what it reads.
    std::unique_ptr<Source> own_source;
    std::unique_ptr<TableContext> own_context;

    // In order of id. The series as of the first walk of a statement; walks that go on beside it see the same.
    std::shared_ptr<const SeriesList> series;
    std::size_t cursors = 0;

    // What a DELETE has named so far: series by range.
    std::map<std::pair<Nanoseconds, Nanoseconds>, std::vector<storage::SeriesId>> removals;
};

struct TableCursor : sqlite3_vtab_cursor {
    explicit TableCursor(std::unique_ptr<Walk> made) : sqlite3_vtab_cursor{}, walk(std::move(made)) {}
    std::unique_ptr<Walk> walk;
};

Table& table_of(sqlite3_vtab* base) {
    return *static_cast<Table*>(base);
}
TableCursor& cursor_of(sqlite3_vtab_cursor* base) {
    return *static_cast<TableCursor*>(base);
}

int code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::corrupt:
            return SQLITE_CORRUPT_VTAB;
        case ErrorKind::io:
            return SQLITE_IOERR;
        case ErrorKind::full:
            return SQLITE_FULL;
        case ErrorKind::busy:
            return SQLITE_BUSY;
        case ErrorKind::denied:
            return SQLITE_READONLY;
        default:
            return SQLITE_ERROR;
    }
}

int fail(sqlite3_vtab& table, const Error& error) {
    sqlite3_free(table.zErrMsg);
    table.zErrMsg = sqlite3_mprintf("%s", error.message.c_str());
    return code_of(error.kind);
}

// No exception may reach SQLite, which is C.
template <class Work>
int guarded(Work work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    } catch (const std::exception&) {
        return SQLITE_INTERNAL;
    }
}

int declare(sqlite3* connection, std::unique_ptr<Table> made, sqlite3_vtab** out, char** message) {
    const int code = sqlite3_declare_vtab(connection, made->kind->span == 0 ? kTableDeclaration : kSpansDeclaration);
    if (code == SQLITE_OK) {
        *out = made.release();
    } else {
        *message = sqlite3_mprintf("%s", sqlite3_errmsg(connection));
    }
    return code;
}

int connect_eponymous(sqlite3* connection, void* given, int, const char* const*, sqlite3_vtab** out, char** message) {
    return guarded([&] {
        auto made = std::make_unique<Table>();
        made->context = &static_cast<Eponymous*>(given)->context;
        made->kind = &static_cast<Eponymous*>(given)->kind;
        return declare(connection, std::move(made), out, message);
    });
}

// 'It''s here' as the argument of CREATE VIRTUAL TABLE was written.
std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"'))
        return std::string(text);
    const char quote = text.front();
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        out += text[i];
        if (text[i] == quote) ++i;
    }
    return out;
}

int connect_to_path(sqlite3* connection, void* open, int count, const char* const* arguments, sqlite3_vtab** out,
                    char** message) {
    return guarded([&] {
        constexpr int kFirstArgument = 3;  // before: module, schema, table
        const auto argument = [&](int i) {
            return unquoted(count > kFirstArgument + i ? arguments[kFirstArgument + i] : "");
        };
        const std::string wanted = count > kFirstArgument + 1 ? argument(1) : kKinds[0].name;
        const auto kind = std::ranges::find_if(kKinds, [&](const Kind& k) { return wanted == k.name; });
        if (argument(0).empty() || count > kFirstArgument + 2 || kind == std::end(kKinds)) {
            *message = sqlite3_mprintf(
                "one argument is wanted: the data directory, or a backup; or after it a second, which is measurements, "
                "rollups_5m, rollups_1h or rollups_1d");
            return SQLITE_ERROR;
        }
        auto source = reinterpret_cast<OpenSource>(open)(argument(0));
        if (!source) {
            *message = sqlite3_mprintf("%s", source.error().message.c_str());
            return code_of(source.error().kind);
        }
        auto made = std::make_unique<Table>();
        made->kind = &*kind;
        made->own_source = std::move(*source);
        made->own_context = std::make_unique<TableContext>(*made->own_source);
        made->context = made->own_context.get();
        return declare(connection, std::move(made), out, message);
    });
}

int disconnect(sqlite3_vtab* table) {
    delete &table_of(table);
    return SQLITE_OK;
}

int best_index(sqlite3_vtab* base, sqlite3_index_info* info) {
    const Ordering ordering = table_of(base).kind->span == 0 ? Ordering::any : Ordering::series;
    return guarded([&] { return choose_plan(*info, ordering); });
}

int open_cursor(sqlite3_vtab* base, sqlite3_vtab_cursor** out) {
    return guarded([&] {
        Table& table = table_of(base);
        std::unique_ptr<Walk> walk;
        if (table.kind->span == 0) {
            walk = std::make_unique<Cursor>(table.context->source);
        } else {
            walk = std::make_unique<SpanCursor>(table.context->source, table.kind->span);
        }
        *out = new TableCursor(std::move(walk));
        if (table.cursors++ == 0) table.series.reset();
        return SQLITE_OK;
    });
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
    --table_of(cursor->pVtab).cursors;
    delete &cursor_of(cursor);
    return SQLITE_OK;
}

Result<> load_series(Table& table) {
    if (table.series) return {};
    auto found = table.context->source.series();
    if (!found) return failure(std::move(found));
    SeriesList list;
    list.reserve(found->size());
    for (auto& info : *found) list.push_back(describe(std::move(info)));
    std::ranges::sort(list, {}, [](const Series& series) { return series.info.id; });
    table.series = std::make_shared<const SeriesList>(std::move(list));
    return {};
}

// After each step: damage is told by whoever ran the statement, or fails it.
int finish(Table& table, Walk& walk, const Result<>& done) {
    if (!done) return fail(table, done.error());
    auto damage = walk.take_damage();
    if (!damage) return SQLITE_OK;
    if (table.own_context) return fail(table, *damage);
    if (!table.context->damage) table.context->damage = std::move(damage);
    return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char* plan, int, sqlite3_value** values) {
    return guarded([&] {
        Table& table = table_of(cursor->pVtab);
        if (auto loaded = load_series(table); !loaded) return fail(table, loaded.error());
        Walk& walk = *cursor_of(cursor).walk;
        return finish(table, walk,
                      walk.filter(decode_plan(plan), values, table.series, table.context->delete_by_range));
    });
}

int next(sqlite3_vtab_cursor* cursor) {
    return guarded([&] {
        Walk& walk = *cursor_of(cursor).walk;
        return finish(table_of(cursor->pVtab), walk, walk.next());
    });
}

int eof(sqlite3_vtab_cursor* cursor) {
    return cursor_of(cursor).walk->at_end() ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* to, int index) {
    return guarded([&] {
        Walk& walk = *cursor_of(cursor).walk;
        return finish(table_of(cursor->pVtab), walk, walk.give(index, to));
    });
}

// Rows are known by their key.
int row_id(sqlite3_vtab_cursor*, sqlite3_int64*) {
    return SQLITE_ERROR;
}

// Series with the same range go in one.
int remove_pending(Table& table) {
    const auto removals = std::exchange(table.removals, {});
    for (const auto& [range, series] : removals) {
        auto removed = table.context->source.remove(series, {range.first, range.second});
        if (!removed) return fail(table, removed.error());
    }
    return SQLITE_OK;
}

int update(sqlite3_vtab* base, int count, sqlite3_value** values, sqlite3_int64*) {
    return guarded([&] {
        Table& table = table_of(base);
        if (count != 1) return fail(table, {ErrorKind::denied, "readings are removed here, and not written"});
        if (sqlite3_value_type(values[0]) == SQLITE_NULL) return SQLITE_OK;
        const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
        const auto key = decode_key({bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
        if (!key) return fail(table, {ErrorKind::invalid, "this is no key of a reading"});
        table.removals[{key->range.from, key->range.to}].push_back(key->series);
        return table.removals.size() < kRemovalsPending ? SQLITE_OK : remove_pending(table);
    });
}

int begin(sqlite3_vtab*) {
    return SQLITE_OK;
}

// Before the statement ends, so that it still can fail.
int sync(sqlite3_vtab* base) {
    return guarded([&] { return remove_pending(table_of(base)); });
}

int commit(sqlite3_vtab*) {
    return SQLITE_OK;
}

int rollback(sqlite3_vtab* base) {
    table_of(base).removals.clear();
    return SQLITE_OK;
}

sqlite3_module module_of(decltype(sqlite3_module::xConnect) connect) {
    sqlite3_module module{};
    module.iVersion = 1;
    module.xConnect = connect;
    module.xDisconnect = disconnect;
    module.xBestIndex = best_index;
    module.xOpen = open_cursor;
    module.xClose = close_cursor;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = row_id;
    return module;
}

int collate(void*, int a_bytes, const void* a, int b_bytes, const void* b) {
    return compare_created_at({static_cast<const char*>(a), static_cast<std::size_t>(a_bytes)},
                              {static_cast<const char*>(b), static_cast<std::size_t>(b_bytes)});
}

}  // namespace

int add_time_collation(sqlite3* connection) {
    return sqlite3_create_collation_v2(connection, kTimeCollation, SQLITE_UTF8, nullptr, collate, nullptr);
}

int add_eponymous_tables(sqlite3* connection, TableContext& context) {
    static const sqlite3_module read_only = module_of(connect_eponymous);
    static const sqlite3_module module = [] {
        sqlite3_module made = module_of(connect_eponymous);
        made.xUpdate = update;
        made.xBegin = begin;
        made.xSync = sync;
        made.xCommit = commit;
        made.xRollback = rollback;
        return made;
    }();
    int code = SQLITE_OK;
    for (const Kind& kind : kKinds) {
        if (code != SQLITE_OK) break;
        code = sqlite3_create_module_v2(connection, kind.name, kind.span == 0 ? &module : &read_only,
                                        new Eponymous{context, kind},
                                        [](void* given) { delete static_cast<Eponymous*>(given); });
    }
    return code;
}

int add_module(sqlite3* connection, const char* name, OpenSource open) {
    static const sqlite3_module module = [] {
        sqlite3_module made = module_of(connect_to_path);
        made.xCreate = connect_to_path;
        made.xDestroy = disconnect;
        return made;
    }();
    return sqlite3_create_module_v2(connection, name, &module, reinterpret_cast<void*>(open), nullptr);
}

}  // namespace pomiar::sql
