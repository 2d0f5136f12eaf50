#include "sql/permissions.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::sql {
namespace {

// They tell about tables and SQLite itself, and change nothing.
constexpr std::array<std::string_view, 6> kPragmas{"table_info",    "table_xinfo", "table_list",
                                                   "function_list", "pragma_list", "compile_options"};

std::string_view text_or_nothing(const char* text) {
    return text == nullptr ? std::string_view() : text;
}

std::string_view name_of(int action) {
    switch (action) {
        case SQLITE_INSERT:
            return "INSERT";
        case SQLITE_UPDATE:
            return "UPDATE";
        case SQLITE_DELETE:
            return "DELETE from another table than measurements";
        case SQLITE_ATTACH:
            return "ATTACH";
        case SQLITE_DETACH:
            return "DETACH";
        case SQLITE_TRANSACTION:
        case SQLITE_SAVEPOINT:
            return "a transaction";
        case SQLITE_ANALYZE:
            return "ANALYZE";
        case SQLITE_REINDEX:
            return "REINDEX";
        default:
            return "CREATE, DROP or ALTER";
    }
}

bool is_of_schema(std::string_view table) {
    return table.starts_with("sqlite_");
}

}  // namespace

void Permissions::watch(sqlite3* connection) {
    sqlite3_set_authorizer(connection, ask, this);
}

void Permissions::forget() {
    *this = {};
}

int Permissions::ask(void* self, int action, const char* first, const char* second, const char*, const char*) {
    return static_cast<Permissions*>(self)->decide(action, first, second);
}

int Permissions::decide(int action, const char* first, const char* second) {
    const std::string_view object = text_or_nothing(first);
    switch (action) {
        case SQLITE_SELECT:
            has_select_ = true;
            return SQLITE_OK;
        case SQLITE_READ:
        case SQLITE_RECURSIVE:
            return SQLITE_OK;
        case SQLITE_FUNCTION:
            is_random_ |= text_or_nothing(second).starts_with("random");
            if (text_or_nothing(second) != "load_extension") return SQLITE_OK;
            break;
        case SQLITE_DELETE:
            if (is_of_schema(object)) break;  // of a DROP, which is named further on
            if (object != "measurements") break;
            is_delete_ = true;
            return SQLITE_OK;
        case SQLITE_PRAGMA:
            if (std::ranges::find(kPragmas, lower(object)) != kPragmas.end()) return SQLITE_OK;
            refusal_ = fmt::format("PRAGMA {} is not allowed", object);
            return SQLITE_DENY;
        default:
            break;
    }
    const bool is_schema_change =
        (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE) && is_of_schema(object);
    refusal_ = fmt::format("{} is not allowed: SQL here reads measurements, and deletes from them",
                           is_schema_change ? "CREATE, DROP or ALTER" : name_of(action));
    if (action == SQLITE_INSERT && !is_schema_change) refusal_ += "; readings come in by `pomiar import` or over HTTP";
    if (action == SQLITE_FUNCTION) refusal_ = "load_extension() is not allowed";
    return SQLITE_DENY;
}

}  // namespace pomiar::sql
