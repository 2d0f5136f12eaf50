#include "storage/spool_place.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace pomiar::storage {
namespace {

constexpr const char* kSharedMemory = "/dev/shm";
constexpr mode_t kForItsUserAlone = 0700;

std::unexpected<Error> system_failure(const char* operation, const std::string& path) {
    return failure(ErrorKind::io,
                   fmt::format("cannot {} {}: {}", operation, path, std::generic_category().message(errno)));
}

bool is_memory(const std::string& directory) {
    struct statfs s{};
    if (::statfs(directory.c_str(), &s) != 0) return false;
    const auto type = static_cast<std::uint32_t>(s.f_type);  // signed, and of a width of its own on each processor
    return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

// There the process is the first, or the files that Docker and Podman make are there.
bool in_container() {
    return ::getpid() == 1 || ::access("/.dockerenv", F_OK) == 0 || ::access("/run/.containerenv", F_OK) == 0;
}

// A directory that takes another one's place, even its inode, is born at another time.
Result<std::string> name_for(const std::string& directory) {
    struct statx s{};
    const int code = ::statx(AT_FDCWD, directory.c_str(), 0, STATX_INO | STATX_BTIME, &s);
    if (code != 0) return system_failure("look at", directory);
    const std::uint64_t born =
        (s.stx_mask & STATX_BTIME) != 0
            ? static_cast<std::uint64_t>(s.stx_btime.tv_sec) * 1'000'000'000 + s.stx_btime.tv_nsec
            : 0;
    return fmt::format("{:x}-{:x}-{:x}-{:x}.spool", s.stx_dev_major, s.stx_dev_minor, s.stx_ino, born);
}

}  // namespace

Result<std::string> spool_path(const std::string& setting, const std::string& data_directory) {
    const bool automatic = setting == kSpoolAuto;
    if (setting == kSpoolOff || (automatic && (in_container() || !is_memory(kSharedMemory)))) return std::string();
    const std::string base = automatic ? kSharedMemory : setting;
    if (!automatic && !is_memory(base)) {
        return failure(
            ErrorKind::invalid,
            fmt::format("storage.spool: {} is no directory in memory (tmpfs): give another, or \"off\"", base));
    }
    auto name = name_for(data_directory);
    if (!name) return failure(std::move(name));
    return fmt::format("{}/pomiar-{}/{}", base, ::geteuid(), *name);
}

std::string noted_spool(const std::string& data_directory) {
    char target[4096];
    const ssize_t size = ::readlink((data_directory + kSpoolNote).c_str(), target, sizeof target);
    return size > 0 && static_cast<std::size_t>(size) < sizeof target
               ? std::string(target, static_cast<std::size_t>(size))
               : std::string();
}

Result<> note_spool(const std::string& data_directory, const std::string& spool_path) {
    if (noted_spool(data_directory) == spool_path) return {};
    const std::string note = data_directory + kSpoolNote;
    if (::unlink(note.c_str()) != 0 && errno != ENOENT) return system_failure("remove", note);
    if (!spool_path.empty() && ::symlink(spool_path.c_str(), note.c_str()) != 0) return system_failure("make", note);
    return {};
}

// The place around it may be everybody's, as /dev/shm is: the folder is ours, or it is not used.
Result<> make_spool_folder(const std::string& spool_path) {
    const std::string folder = spool_path.substr(0, spool_path.rfind('/'));
    if (::mkdir(folder.c_str(), kForItsUserAlone) != 0 && errno != EEXIST) return system_failure("make", folder);
    struct stat s{};
    if (::lstat(folder.c_str(), &s) != 0) return system_failure("look at", folder);
    if (!S_ISDIR(s.st_mode) || s.st_uid != ::geteuid() || (s.st_mode & 077) != 0) {
        return failure(ErrorKind::denied, fmt::format("{} belongs to somebody else, or is open to others", folder));
    }
    return {};
}

}  // namespace pomiar::storage
