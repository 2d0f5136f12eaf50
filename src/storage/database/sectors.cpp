#include "storage/database/sectors.hpp"

#include <map>
#include <mutex>

#include <sqlite3.h>

namespace pomiar::storage {
namespace {

// The methods of a file of SQLite's own, but for one.
struct Methods : sqlite3_io_methods {
    const sqlite3_io_methods* original;
};

int characteristics(sqlite3_file* file) {
    const auto* methods = static_cast<const Methods*>(file->pMethods);
    return methods->original->xDeviceCharacteristics(file) & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// One for each kind of file that SQLite has; they are few, and stay.
const Methods* without_trust(const sqlite3_io_methods* original) {
    static std::mutex mutex;
    static std::map<const sqlite3_io_methods*, Methods> known;
    const std::lock_guard lock(mutex);
    auto [at, added] = known.try_emplace(original);
    if (added) {
        static_cast<sqlite3_io_methods&>(at->second) = *original;
        at->second.xDeviceCharacteristics = characteristics;
        at->second.original = original;
    }
    return &at->second;
}

}  // namespace

void distrust_sectors(sqlite3* connection) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return;
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->xDeviceCharacteristics == characteristics)
        return;
    file->pMethods = without_trust(file->pMethods);
}

}  // namespace pomiar::storage
