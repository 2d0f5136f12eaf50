// Where SQLite enters when it loads the extension. docs/sql.md
#include <sqlite3ext.h>

#include "sql/extension/path_source.hpp"
#include "sql/table.hpp"

SQLITE_EXTENSION_INIT1

namespace {

constexpr int kVersionMin = 3'038'000;  // the first that tells a table of DISTINCT

}  // namespace

extern "C" __attribute__((visibility("default"))) int sqlite3_extension_init(sqlite3* connection, char** message,
                                                                             const sqlite3_api_routines* routines) {
    SQLITE_EXTENSION_INIT2(routines)
    if (sqlite3_libversion_number() < kVersionMin) {
        *message = sqlite3_mprintf("pomiar needs SQLite 3.38 or later, this is %s", sqlite3_libversion());
        return SQLITE_ERROR;
    }
    const int code = pomiar::sql::add_time_collation(connection);
    return code != SQLITE_OK ? code : pomiar::sql::add_module(connection, "pomiar", pomiar::sql::open_path);
}
