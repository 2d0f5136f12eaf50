// SQLite on Linux takes it that a power cut spares the rest of a sector which is being written ("powersafe overwrite").
// Cards promise no such thing. Without that trust a synced commit in the write-ahead log is padded to the end of its
// sector.
#pragma once

struct sqlite3;

namespace pomiar::storage {

// For a connection that was just opened. The database's own pages, which SQLite would also enlarge to sectors if it
// were told from the beginning (psow=0), stay as they are: they are in the log while they are written.
void distrust_sectors(sqlite3* connection);

}  // namespace pomiar::storage
