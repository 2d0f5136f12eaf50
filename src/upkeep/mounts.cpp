#include "upkeep/mounts.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/core.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

// Both files write a space as \040.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped =
            text[i] == '\\' && i + 3 < text.size() && std::ranges::all_of(text.substr(i + 1, 3), is_octal);
        if (!escaped) {
            out += text[i];
            continue;
        }
        out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
        i += 3;
    }
    while (out.size() > 1 && out.ends_with('/')) out.pop_back();
    return out;
}

std::vector<std::string> mount_points(std::string_view text, std::size_t column) {
    std::vector<std::string> points;
    for (const std::string_view line : split(text, '\n')) {
        const auto parts = words(line);
        if (parts.size() <= column || parts.front().starts_with('#') || !parts[column].starts_with('/')) continue;
        points.push_back(unescape(parts[column]));
    }
    return points;
}

bool lies_below(const std::string& directory, const std::string& point) {
    return point == "/" || directory == point || directory.starts_with(point + "/");
}

}  // namespace

Mounts read_mounts() {
    const std::string mountinfo = kernel_text("/proc/self/mountinfo");
    return {parse_mountinfo(mountinfo), parse_fstab(kernel_text("/etc/fstab")), parse_bound(mountinfo)};
}

std::vector<std::string> parse_mountinfo(std::string_view text) {
    return mount_points(text, 4);
}

std::vector<std::string> parse_fstab(std::string_view text) {
    return mount_points(text, 1);
}

std::vector<std::string> parse_bound(std::string_view mountinfo) {
    struct Mount {
        std::string_view device;
        std::string_view point;
    };
    std::map<std::string_view, Mount> by_id;
    for (const std::string_view line : split(mountinfo, '\n')) {
        const auto parts = words(line);
        if (parts.size() > 4) by_id[parts[0]] = {parts[2], parts[4]};
    }
    std::map<std::string_view, bool> is_bound;  // by mount point; of several there the last lies on top
    for (const std::string_view line : split(mountinfo, '\n')) {
        const auto parts = words(line);
        const auto below = parts.size() > 4 ? by_id.find(parts[1]) : by_id.end();
        if (below == by_id.end()) continue;
        const bool same_device = below->second.device == parts[2];
        // Over a stick's own mount point, what is bound is the stick's all the same.
        if (!same_device || below->second.point != parts[4]) is_bound[parts[4]] = same_device;
    }
    std::vector<std::string> points;
    for (const auto& [point, bound] : is_bound) {
        if (bound) points.push_back(unescape(point));
    }
    return points;
}

std::string mount_point_of(const std::string& directory, const std::vector<std::string>& mounted) {
    std::string deepest = "/";
    for (const std::string& point : mounted) {
        if (lies_below(directory, point) && point.size() > deepest.size()) deepest = point;
    }
    return deepest;
}

Result<std::string> check_place(const std::string& directory, const std::string& before, const Mounts& mounts) {
    std::error_code error;
    const std::string real = std::filesystem::canonical(directory, error).string();
    if (error || !std::filesystem::is_directory(real, error))
        return failure(ErrorKind::not_found, fmt::format("there is no directory {}: is it plugged in?", directory));
    const std::string point = mount_point_of(real, mounts.mounted);
    for (const std::string& intended : mounts.intended) {
        if (lies_below(real, intended) && intended.size() > point.size())
            return failure(ErrorKind::not_found,
                           fmt::format("{} is to be mounted by /etc/fstab, but is not: is it plugged in?", intended));
    }
    if (before.size() > point.size() && lies_below(real, before))
        return failure(
            ErrorKind::not_found,
            fmt::format("{} was mounted when the last backup was made, but is not now: is it plugged in?", before));
    std::vector<std::string> plugged_in = mounts.mounted;
    std::erase_if(plugged_in,
                  [&](const std::string& each) { return std::ranges::find(mounts.bound, each) != mounts.bound.end(); });
    return mount_point_of(real, plugged_in);
}

}  // namespace pomiar::upkeep
