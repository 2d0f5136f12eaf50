#include "storage/directory_lock.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

namespace pomiar::storage {

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
    const std::string path = directory + "/lock";
    DirectoryLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) {
        return failure(ErrorKind::io, fmt::format("cannot open {}: {}", path, std::generic_category().message(errno)));
    }
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        return failure(ErrorKind::conflict, fmt::format("{} is in use by another pomiar", directory));
    }
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pomiar::storage
