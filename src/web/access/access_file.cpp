#include "web/access/access_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pomiar::access {
namespace {

// Held from construction to destruction, by one process and thread at a time.
class FileLock {
  public:
    explicit FileLock(const std::string& path) : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0) {
            if (errno == EINTR) continue;
            const int code = errno;
            ::close(descriptor_);
            descriptor_ = -1;
            errno = code;
        }
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    bool held() const { return descriptor_ >= 0; }

  private:
    int descriptor_;
};

}  // namespace

Result<AccessState> AccessFile::read() const {
    auto text = read_whole(files_, path(), kAccessFileBytesMax);
    if (!text && text.error().kind == ErrorKind::not_found) return AccessState{};
    if (!text) return failure(std::move(text));
    auto state = access_state_from_json(*text);
    if (!state) {
        return failure(ErrorKind::corrupt,
                       fmt::format("{} is damaged: {}; put back a copy, or remove it and give out tokens and the "
                                   "password again",
                                   path(), state.error().message));
    }
    return state;
}

Result<AccessState> AccessFile::update(const std::function<Result<>(AccessState&)>& change) const {
    if (auto r = files_.make_directories(directory_); !r) return failure(std::move(r));
    const FileLock lock(directory_ + "/access.lock");
    if (!lock.held()) {
        return failure(ErrorKind::io, fmt::format("cannot lock {}/access.lock: {}", directory_,
                                                  std::generic_category().message(errno)));
    }
    auto state = read();
    if (!state) return state;
    if (auto r = change(*state); !r) return failure(std::move(r));
    const std::string text = to_json(*state);
    if (text.size() > kAccessFileBytesMax)
        return failure(ErrorKind::full, fmt::format("{} would be larger than it may be; revoke a token", path()));
    if (auto r = write_whole(files_, path(), text); !r) return failure(std::move(r));
    return state;
}

}  // namespace pomiar::access
