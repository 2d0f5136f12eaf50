// What is written to the flash that the data lies on, and what its mount options cost: for the owner of a card.
// Owns:    a thread that looks every ten minutes, so that a day begins at midnight.
// Thread:  state() from any.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.hpp"

namespace pomiar::upkeep {

// Where a directory lies, as /proc/self/mountinfo tells.
struct MountedOn {
    std::string point;
    std::string filesystem;  // "ext4"
    std::string options;     // all of them, comma-separated
    std::string device;      // "179:2"

    // How often the file system writes its own tables at most; ext4 and ext3 only.
    std::optional<std::uint64_t> commit_seconds() const;
    bool writes_access_times() const;
};

struct FlashWearState {
    Nanoseconds since = 0;      // midnight, or the start
    std::uint64_t written = 0;  // by this process since then, in whole pages; without the file system's own tables
    std::uint64_t device_written = 0;         // by everything on the device of the data since then
    std::uint64_t written_in_all = 0;         // by this process since its start
    std::uint64_t device_written_in_all = 0;  // by everything on the device since the machine's start
    std::uint64_t device_bytes = 0;           // how large that is; 0: not known
    MountedOn mount;
    std::string fstab_line;  // what would write less; empty: nothing to gain, or not known
};

// The mount of the device that /etc/fstab would name for the directory. device: "major:minor".
std::optional<MountedOn> find_mount(std::string_view mountinfo, std::string_view device, std::string_view directory);
// The line of /etc/fstab for the mount point with noatime and commit=600; one as it would stand there where it has
// none.
std::string better_fstab_line(std::string_view fstab, const MountedOn& mount);
// `write_bytes` of /proc/self/io, less what was taken back before it was written.
std::uint64_t parse_written(std::string_view io);
// Bytes written, of /sys/dev/block/MAJOR:MINOR/stat.
std::uint64_t parse_device_written(std::string_view stat);

class FlashWear {
  public:
    FlashWear(const std::string& directory, std::function<Nanoseconds()> now);
    FlashWear(const FlashWear&) = delete;
    FlashWear& operator=(const FlashWear&) = delete;
    ~FlashWear();

    // Reads some files.
    FlashWearState state();
    // FlashWearState::written alone: one.
    std::uint64_t written();

  private:
    struct Counters {
        std::uint64_t written = 0;
        std::uint64_t device_written = 0;
    };

    Counters count() const;
    void look();
    void run();

    std::string directory_;
    std::string device_;
    std::function<Nanoseconds()> now_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wanted_;
    Counters at_midnight_;
    Nanoseconds since_ = 0;
    int day_ = -1;
    bool stop_ = false;

    std::thread thread_;
};

}  // namespace pomiar::upkeep
