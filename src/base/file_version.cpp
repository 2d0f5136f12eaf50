#include "base/file_version.hpp"

#include <sys/stat.h>

#include "base/clock.hpp"

namespace pomiar {

FileVersion version_of(const std::string& path) {
    struct stat s{};
    if (::stat(path.c_str(), &s) != 0) return {};
    return {s.st_ino, std::int64_t{s.st_ctim.tv_sec} * kSecond + s.st_ctim.tv_nsec, s.st_size};
}

}  // namespace pomiar
