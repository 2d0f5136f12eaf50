// What is mounted where, and what should be: so that a backup for a stick never lands in the empty directory that the
// stick is mounted on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pomiar::upkeep {

struct Mounts {
    std::vector<std::string> mounted;   // mount points, /proc/self/mountinfo
    std::vector<std::string> intended;  // mount points, /etc/fstab
    // Those of the mounted ones that show a directory of the very device they lie on: nothing was plugged in there.
    std::vector<std::string> bound = {};
};

// Of this machine; what cannot be read counts as empty.
Mounts read_mounts();

// The mount points that the files name; lines that say nothing of one are left out.
std::vector<std::string> parse_mountinfo(std::string_view text);
std::vector<std::string> parse_fstab(std::string_view text);
std::vector<std::string> parse_bound(std::string_view mountinfo);

// The deepest mount point at or above the directory; "/" if none is known.
std::string mount_point_of(const std::string& directory, const std::vector<std::string>& mounted);

// Whether the directory may be written to, and the mount point, of another device, that it lies below. `before`: the
// one of an earlier success there, or "". Errors: not_found, when it is not there, or something that belongs over it is
// not mounted.
Result<std::string> check_place(const std::string& directory, const std::string& before, const Mounts& mounts);

}  // namespace pomiar::upkeep
