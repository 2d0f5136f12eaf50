#include "support/simulated_vfs.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>

#include <sqlite3.h>

namespace pomiar::test {
namespace {

constexpr int kSectorBytes = 4096;  // what SQLite takes for one on Linux

// What the connections to one database share.
struct Shared {
    int readers = 0;                 // with SQLITE_LOCK_SHARED or more
    const void* reserved = nullptr;  // the one with SQLITE_LOCK_RESERVED or more
    bool pending = false;
    std::vector<std::unique_ptr<char[]>> memory;       // of the write-ahead log's index
    std::array<int, SQLITE_SHM_NLOCK> memory_locks{};  // readers, or -1
    int mapped = 0;
};

}  // namespace

struct SimulatedVfs::State {
    SimulatedDisk* disk;
    std::mutex mutex;  // guards what follows
    std::map<std::string, Shared> shared;
    std::uint64_t random = 1;
    sqlite3_vfs vfs{};
};

namespace {

struct OpenFile : sqlite3_file {
    SimulatedDisk* disk;
    std::mutex* mutex;
    Shared* shared;
    std::string path;
    std::unique_ptr<SimulatedFile> file;
    bool remove_at_end = false;
    bool sync_directory = false;
    bool powersafe_overwrite = false;
    int lock = SQLITE_LOCK_NONE;
    bool mapped = false;
    std::array<int, SQLITE_SHM_NLOCK> memory_locks{};  // 1: shared, -1: exclusive
};

OpenFile& of(sqlite3_file* file) {
    return *static_cast<OpenFile*>(file);
}

int code_of(const Error& error, int otherwise) {
    return error.kind == ErrorKind::full ? SQLITE_FULL : otherwise;
}

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

void lower(OpenFile& file, int level) {
    if (file.lock <= level) return;
    if (file.shared->reserved == &file) {
        file.shared->reserved = nullptr;
        file.shared->pending = false;
    }
    if (level == SQLITE_LOCK_NONE) --file.shared->readers;
    file.lock = level;
}

int unmap(sqlite3_file* raw, int) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    if (file.mapped && --file.shared->mapped == 0) {
        file.shared->memory.clear();
        file.shared->memory_locks = {};
    }
    file.mapped = false;
    return SQLITE_OK;
}

int close(sqlite3_file* raw) {
    OpenFile& file = of(raw);
    unmap(raw, 0);
    {
        const std::lock_guard guard(*file.mutex);
        lower(file, SQLITE_LOCK_NONE);
    }
    if (file.remove_at_end) (void)file.disk->remove(file.path);
    file.~OpenFile();
    return SQLITE_OK;
}

int read(sqlite3_file* raw, void* out, int size, sqlite3_int64 offset) {
    auto count = of(raw).file->read_at(static_cast<std::uint64_t>(offset), static_cast<char*>(out),
                                       static_cast<std::size_t>(size));
    if (!count) return SQLITE_IOERR_READ;
    if (*count == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + *count, 0, static_cast<std::size_t>(size) - *count);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* raw, const void* bytes, int size, sqlite3_int64 offset) {
    auto written = of(raw).file->write_at(static_cast<std::uint64_t>(offset),
                                          {static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    return written ? SQLITE_OK : code_of(written.error(), SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* raw, sqlite3_int64 size) {
    auto resized = of(raw).file->resize(static_cast<std::uint64_t>(size));
    return resized ? SQLITE_OK : code_of(resized.error(), SQLITE_IOERR_TRUNCATE);
}

// As SQLite's own: what may have been made is synced with its directory, the first time.
int sync(sqlite3_file* raw, int) {
    OpenFile& file = of(raw);
    if (!file.file->sync()) return SQLITE_IOERR_FSYNC;
    if (file.sync_directory) (void)file.disk->sync_directory(parent_of(file.path));
    file.sync_directory = false;
    return SQLITE_OK;
}

int file_size(sqlite3_file* raw, sqlite3_int64* size) {
    auto found = of(raw).file->size();
    if (!found) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(*found);
    return SQLITE_OK;
}

int lock(sqlite3_file* raw, int level) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    Shared& shared = *file.shared;
    if (file.lock >= level) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
        if (shared.pending) return SQLITE_BUSY;
        ++shared.readers;
        file.lock = level;
        return SQLITE_OK;
    }
    if (shared.reserved != nullptr && shared.reserved != &file) return SQLITE_BUSY;
    shared.reserved = &file;
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        shared.pending = true;
        if (shared.readers > 1) {
            file.lock = SQLITE_LOCK_PENDING;
            return SQLITE_BUSY;
        }
    }
    file.lock = level;
    return SQLITE_OK;
}

int unlock(sqlite3_file* raw, int level) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    lower(file, level);
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* raw, int* reserved) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    *reserved = file.shared->reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
    return kSectorBytes;
}

int characteristics(sqlite3_file* raw) {
    return of(raw).powersafe_overwrite ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

int map_memory(sqlite3_file* raw, int region, int size, int extend, void volatile** memory) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    if (!file.mapped) ++file.shared->mapped;
    file.mapped = true;
    auto& regions = file.shared->memory;
    *memory = nullptr;
    if (regions.size() <= static_cast<std::size_t>(region)) {
        if (extend == 0) return SQLITE_OK;
        while (regions.size() <= static_cast<std::size_t>(region))
            regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *memory = regions[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
}

int lock_memory(sqlite3_file* raw, int first, int count, int flags) {
    OpenFile& file = of(raw);
    const std::lock_guard guard(*file.mutex);
    auto& all = file.shared->memory_locks;
    const auto from = static_cast<std::size_t>(first);
    const auto to = from + static_cast<std::size_t>(count);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (std::size_t i = from; i < to; ++i) {
            if (file.memory_locks[i] != 0) all[i] = all[i] > 0 ? all[i] - 1 : 0;
            file.memory_locks[i] = 0;
        }
        return SQLITE_OK;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (std::size_t i = from; i < to; ++i) {
        if (file.memory_locks[i] == 0 && (all[i] < 0 || (exclusive && all[i] != 0))) return SQLITE_BUSY;
    }
    for (std::size_t i = from; i < to; ++i) {
        if (file.memory_locks[i] != 0) continue;
        file.memory_locks[i] = exclusive ? -1 : 1;
        all[i] = exclusive ? -1 : all[i] + 1;
    }
    return SQLITE_OK;
}

void barrier(sqlite3_file* raw) {
    const std::lock_guard guard(*of(raw).mutex);
}

constexpr sqlite3_io_methods kMethods{
    2,      close,          read,    write,       truncate,        sync,       file_size,   lock,
    unlock, check_reserved, control, sector_size, characteristics, map_memory, lock_memory, barrier,
    unmap,  nullptr,        nullptr};

SimulatedVfs::State& of(sqlite3_vfs* vfs) {
    return *static_cast<SimulatedVfs::State*>(vfs->pAppData);
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* raw, int flags, int* flags_out) {
    raw->pMethods = nullptr;
    if (name == nullptr) return SQLITE_CANTOPEN;  // a temporary file: nobody should want one
    SimulatedVfs::State& state = of(vfs);
    const std::lock_guard guard(state.mutex);
    const std::string path = name;
    const bool create = (flags & SQLITE_OPEN_CREATE) != 0 && !state.disk->exists(path);
    auto opened = state.disk->open_file(path, create ? OpenMode::create : OpenMode::write);
    if (!opened) return code_of(opened.error(), SQLITE_CANTOPEN);
    constexpr int kSyncedWithDirectory = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    auto* file = new (raw) OpenFile();
    file->pMethods = &kMethods;
    file->disk = state.disk;
    file->mutex = &state.mutex;
    file->shared = &state.shared[path];
    file->path = path;
    file->file = std::move(*opened);
    file->remove_at_end = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    file->sync_directory = create && (flags & kSyncedWithDirectory) != 0;
    file->powersafe_overwrite = sqlite3_uri_boolean(name, "psow", 1) != 0;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    SimulatedDisk& disk = *of(vfs).disk;
    if (auto removed = disk.remove(name); !removed)
        return removed.error().kind == ErrorKind::not_found ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    if (sync_directory != 0 && !disk.sync_directory(parent_of(name))) return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
}

// As SQLite's own, it takes an empty file for none.
int exists(sqlite3_vfs* vfs, const char* name, int flags, int* found) {
    SimulatedDisk& disk = *of(vfs).disk;
    *found = disk.exists(name) ? 1 : 0;
    if (*found != 0 && flags == SQLITE_ACCESS_EXISTS) {
        auto file = disk.open_file(name, OpenMode::read);
        auto size = file ? (*file)->size() : Result<std::uint64_t>(std::uint64_t{0});
        *found = size && *size > 0 ? 1 : 0;
    }
    return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
    SimulatedVfs::State& state = of(vfs);
    const std::lock_guard guard(state.mutex);
    for (int i = 0; i < size; ++i) {
        state.random = state.random * 6364136223846793005u + 1442695040888963407u;
        out[i] = static_cast<char>(state.random >> 56);
    }
    return size;
}

int sleep(sqlite3_vfs*, int microseconds) {
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
    return microseconds;
}

int current_time(sqlite3_vfs*, double* days) {
    *days = 2461000;
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

}  // namespace

SimulatedVfs::SimulatedVfs(SimulatedDisk& disk) : state_(std::make_unique<State>()) {
    state_->disk = &disk;
    sqlite3_vfs& vfs = state_->vfs;
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(OpenFile);
    vfs.mxPathname = 512;
    vfs.zName = "simulated";
    vfs.pAppData = state_.get();
    vfs.xOpen = open;
    vfs.xDelete = remove;
    vfs.xAccess = exists;
    vfs.xFullPathname = full_name;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleep;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
    sqlite3_vfs_register(&vfs, 1);
}

SimulatedVfs::~SimulatedVfs() {
    sqlite3_vfs_unregister(&state_->vfs);
}

void SimulatedVfs::use(SimulatedDisk& disk) {
    const std::lock_guard guard(state_->mutex);
    state_->disk = &disk;
    state_->shared.clear();
}

}  // namespace pomiar::test
