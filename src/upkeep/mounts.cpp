#include "upkeep/mounts.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::size_t kTextBytesMax = 256u << 10;

// Files of /proc have no size beforehand.
std::string text_of(const char* path) {
    const auto file = real_file_system().open(path, OpenMode::read);
    if (!file) return {};
    std::string text(kTextBytesMax, '\0');
    const auto size = (*file)->read_at(0, text.data(), text.size());
    text.resize(size.value_or(0));
    return text;
}

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

// The words of a line, whatever blanks are between them.
std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t begin = line.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        at = std::min(line.find_first_of(" \t", begin), line.size());
        found.push_back(line.substr(begin, at - begin));
    }
    return found;
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
    return {parse_mountinfo(text_of("/proc/self/mountinfo")), parse_fstab(text_of("/etc/fstab"))};
}

std::vector<std::string> parse_mountinfo(std::string_view text) {
    return mount_points(text, 4);
}

std::vector<std::string> parse_fstab(std::string_view text) {
    return mount_points(text, 1);
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
    std::string point = mount_point_of(real, mounts.mounted);
    for (const std::string& intended : mounts.intended) {
        if (lies_below(real, intended) && intended.size() > point.size())
            return failure(ErrorKind::not_found,
                           fmt::format("{} is to be mounted by /etc/fstab, but is not: is it plugged in?", intended));
    }
    if (before.size() > point.size() && lies_below(real, before))
        return failure(
            ErrorKind::not_found,
            fmt::format("{} was mounted when the last backup was made, but is not now: is it plugged in?", before));
    return point;
}

}  // namespace pomiar::upkeep
