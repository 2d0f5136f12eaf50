// From a data directory as a crash, or nothing at all, left it, to a state that can go on.
#pragma once

#include "storage/database/connection.hpp"
#include "storage/grouping.hpp"
#include "storage/journal/journal.hpp"
#include "storage/state.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {

struct Recovered {
    Connection database;
    Journal journal;
    std::uint32_t identity;              // of the database
    std::vector<GroupId> groups_copied;  // in the copy
    SeriesId series_saved;               // rows of the table `series`, and of its copy
    std::uint64_t replayed;              // readings from the journal
    std::uint64_t damaged_records;       // set aside, logged
    Nanoseconds trusted;                 // the deletion time of the last run; 0: none
};

// Makes what is missing, fills catalog and heads. Damage costs the damaged records only. Errors: io; full; invalid,
// when a newer version has written here.
Result<Recovered> recover(const StoreOptions& options, FileSystem& files, State& state);

// For who only looks: the catalog, and the readings of the journal that are not in blocks. Changes nothing; what is
// damaged is left out. directory: of the data; empty, where there is no journal. Errors: io, corrupt; invalid (newer
// format).
Result<> look_at_unsealed(Connection& database, const std::string& directory, FileSystem& files, std::uint64_t released,
                          State& state);

}  // namespace pomiar::storage
