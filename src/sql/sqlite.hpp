// SQLite's functions, for the table's sources, which are compiled twice: for the program, and for the loadable
// extension, which must call those of whoever loads it.
#pragma once

#ifdef POMIAR_SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif
