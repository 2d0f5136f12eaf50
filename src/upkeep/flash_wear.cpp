#include "upkeep/flash_wear.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <tuple>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // in which Linux counts, whatever the device has
constexpr std::uint64_t kExtCommitSeconds = 5;
constexpr std::uint64_t kSparingCommitSeconds = 300;  // from here on there is little to gain
constexpr auto kLookAfter = std::chrono::minutes(10);

std::optional<std::string_view> option(std::string_view options, std::string_view name) {
    for (const std::string_view one : split(options, ',')) {
        if (one == name) return std::string_view();
        if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
    }
    return std::nullopt;
}

// A device may be bound to several places, as systemd does with the directories of a service: the mount with the most
// of it is the one that /etc/fstab made. Of equals it is one above the directory, and the deepest.
using Rank = std::tuple<std::size_t, bool, std::ptrdiff_t>;

std::string with_sparing_options(std::string_view options) {
    std::string out;
    for (const std::string_view one : split(options, ',')) {
        const bool replaced = one == "noatime" || one == "relatime" || one == "atime" || one.starts_with("commit=");
        if (!replaced && !one.empty()) out += fmt::format("{},", one);
    }
    return out + "noatime,commit=600";
}

std::string device_of(const std::string& directory) {
    struct stat s{};
    if (::stat(directory.c_str(), &s) != 0) return {};
    return fmt::format("{}:{}", major(s.st_dev), minor(s.st_dev));
}

std::string whole(const std::string& directory) {
    std::error_code ignored;
    auto path = std::filesystem::canonical(directory, ignored);
    return path.empty() ? directory : path.string();
}

int day_of(Nanoseconds time) {
    const auto seconds = static_cast<std::time_t>(time / kSecond);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return local.tm_year * 366 + local.tm_yday;
}

}  // namespace

std::optional<std::uint64_t> MountedOn::commit_seconds() const {
    if (filesystem != "ext4" && filesystem != "ext3") return std::nullopt;
    const auto given = option(options, "commit");
    const auto seconds = given ? parse_uint64(*given) : std::nullopt;
    return seconds && *seconds != 0 ? *seconds : kExtCommitSeconds;
}

bool MountedOn::writes_access_times() const {
    return !option(options, "noatime");
}

std::optional<MountedOn> find_mount(std::string_view mountinfo, std::string_view device, std::string_view directory) {
    std::optional<MountedOn> found;
    Rank best{};
    for (const std::string_view line : split(mountinfo, '\n')) {
        const auto parts = words(line);
        const auto dash = std::ranges::find(parts, "-");
        if (parts.size() < 7 || parts[2] != device || parts.end() - dash < 4) continue;
        const std::string_view root = parts[3];
        const std::string_view point = parts[4];
        const bool above = point == "/" || directory == point ||
                           (directory.starts_with(point) && directory.substr(point.size()).starts_with('/'));
        const Rank rank{root.size(), !above, -static_cast<std::ptrdiff_t>(point.size())};
        if (found && best < rank) continue;
        best = rank;
        found = MountedOn{std::string(point), std::string(dash[1]), fmt::format("{},{}", parts[5], dash[3]),
                          std::string(device)};
    }
    return found;
}

std::string better_fstab_line(std::string_view fstab, const MountedOn& mount) {
    const auto commit = mount.commit_seconds();
    if (!commit || (*commit >= kSparingCommitSeconds && !mount.writes_access_times())) return {};
    for (const std::string_view line : split(fstab, '\n')) {
        const auto parts = words(line);
        if (parts.size() < 4 || parts[0].starts_with('#') || parts[1] != mount.point) continue;
        const std::string_view dump = parts.size() > 4 ? parts[4] : "0";
        const std::string_view check = parts.size() > 5 ? parts[5] : "0";
        return fmt::format("{} {} {} {} {} {}", parts[0], parts[1], parts[2], with_sparing_options(parts[3]), dump,
                           check);
    }
    return fmt::format("DEVICE {} {} {} 0 2", mount.point, mount.filesystem, with_sparing_options("defaults"));
}

std::uint64_t parse_written(std::string_view io) {
    std::uint64_t written = 0;
    std::uint64_t cancelled = 0;
    for (const std::string_view line : split(io, '\n')) {
        const auto parts = words(line);
        if (parts.size() != 2) continue;
        if (parts[0] == "write_bytes:") written = parse_uint64(parts[1]).value_or(0);
        if (parts[0] == "cancelled_write_bytes:") cancelled = parse_uint64(parts[1]).value_or(0);
    }
    return written - std::min(written, cancelled);
}

std::uint64_t parse_device_written(std::string_view stat) {
    const auto parts = words(stat);
    return parts.size() > 6 ? parse_uint64(parts[6]).value_or(0) * kSectorBytes : 0;
}

FlashWear::FlashWear(const std::string& directory, std::function<Nanoseconds()> now)
    : directory_(whole(directory)), device_(device_of(directory_)), now_(std::move(now)) {
    look();
    thread_ = std::thread([this] { run(); });
}

FlashWear::~FlashWear() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

FlashWear::Counters FlashWear::count() const {
    return {parse_written(kernel_text("/proc/self/io")),
            parse_device_written(kernel_text(fmt::format("/sys/dev/block/{}/stat", device_)))};
}

void FlashWear::look() {
    const Nanoseconds now = now_();
    const int day = day_of(now);
    if (day == day_) return;
    day_ = day;
    since_ = now;
    at_midnight_ = count();
}

void FlashWear::run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        wanted_.wait_for(lock, kLookAfter);
        look();
    }
}

std::uint64_t FlashWear::written() {
    const std::lock_guard lock(mutex_);
    look();
    const std::uint64_t now = parse_written(kernel_text("/proc/self/io"));
    return now - std::min(now, at_midnight_.written);
}

FlashWearState FlashWear::state() {
    FlashWearState state;
    {
        const std::lock_guard lock(mutex_);
        look();
        const Counters now = count();
        state.since = since_;
        state.written_in_all = now.written;
        state.device_written_in_all = now.device_written;
        state.written = now.written - std::min(now.written, at_midnight_.written);
        state.device_written = now.device_written - std::min(now.device_written, at_midnight_.device_written);
    }
    const std::string size = kernel_text(fmt::format("/sys/dev/block/{}/size", device_));
    state.device_bytes = parse_uint64(trim(size)).value_or(0) * kSectorBytes;
    if (auto mount = find_mount(kernel_text("/proc/self/mountinfo"), device_, directory_)) {
        state.mount = std::move(*mount);
        state.fstab_line = better_fstab_line(kernel_text("/etc/fstab"), state.mount);
    }
    return state;
}

}  // namespace pomiar::upkeep
