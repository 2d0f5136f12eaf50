#include "http/open_beneath.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

// O_NONBLOCK: a pipe without a writer must not hold the thread up before it is seen to be a pipe.
constexpr int kFileFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kDirectoryFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

std::unexpected<Error> not_opened(const std::string& path) {
    const int code = errno;
    const auto because = [&](ErrorKind kind) {
        return failure(kind, fmt::format("cannot open {}: {}", path, std::generic_category().message(code)));
    };
    switch (code) {
        case ENOENT:
        case ENOTDIR:
        case ELOOP:  // a link
        case EXDEV:  // a way up
        case ENXIO:  // a socket, or a device that is not there
        case ENODEV:
        case EINVAL:  // no name that this file system can have
        case ENAMETOOLONG:
            return because(ErrorKind::not_found);
        case EACCES:
        case EPERM:
            return because(ErrorKind::denied);
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return because(ErrorKind::busy);
        default:
            return because(ErrorKind::io);
    }
}

Result<OpenFile> regular(Descriptor descriptor, const std::string& path) {
    struct stat status{};
    if (::fstat(descriptor.get(), &status) != 0) return not_opened(path);
    if (!S_ISREG(status.st_mode)) return failure(ErrorKind::not_found, fmt::format("{} is no regular file", path));
    return OpenFile{std::move(descriptor), status};
}

bool leads_down(std::string_view segment) {
    return !segment.empty() && segment != "." && segment != "..";
}

}  // namespace

Result<OpenFile> open_beneath(const std::string& directory, const std::string& path) {
    const Descriptor root(::open(directory.c_str(), kDirectoryFlags));
    if (root.get() < 0) return not_opened(directory);
    open_how how{};
    how.flags = kFileFlags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Descriptor file(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
    if (file.get() >= 0) return regular(std::move(file), path);
    if (errno == ENOSYS || errno == EPERM) return walk_beneath(directory, path);
    return not_opened(path);
}

Result<OpenFile> walk_beneath(const std::string& directory, const std::string& path) {
    Descriptor at(::open(directory.c_str(), kDirectoryFlags));
    if (at.get() < 0) return not_opened(directory);
    std::vector<std::string_view> segments = split(path, '/');
    for (const std::string_view segment : segments) {
        if (!leads_down(segment)) return failure(ErrorKind::not_found, fmt::format("{} leads elsewhere", path));
    }
    const std::string name(segments.back());
    segments.pop_back();
    for (const std::string_view segment : segments) {
        at = Descriptor(::openat(at.get(), std::string(segment).c_str(), kDirectoryFlags | O_NOFOLLOW));
        if (at.get() < 0) return not_opened(path);
    }
    Descriptor file(::openat(at.get(), name.c_str(), kFileFlags));
    if (file.get() < 0) return not_opened(path);
    return regular(std::move(file), path);
}

}  // namespace pomiar::http
