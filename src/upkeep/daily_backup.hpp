// A backup a day into a directory that may be missing for a while, and only the last few of them kept.
// Owns:    its thread, once started; the file `last-backup` in the data directory. Borrows: files, clock.
// Thread:  turn() from one, which is its own after start(); status() from any. The thread gives way to all others.
// Errors:  in status(), and in the log when they change. What is not there yet is tried again by itself: every
//          kLookEvery where the directory is missing, else every kRetryAfter.
// docs/operating/backup.md
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "upkeep/backup_calendar.hpp"
#include "upkeep/mounts.hpp"

namespace pomiar::upkeep {

struct DailyBackupOptions {
    std::string to;  // the directory
    TimeOfDay at;
    std::uint32_t keep = 7;
    std::string data_directory;
    // What time it is; nothing while that is not known.
    std::function<std::optional<Nanoseconds>()> now;
    // Makes the file, whole or not at all; gives up when `go_on` says no.
    std::function<Result<>(const std::string& path, const std::function<bool()>& go_on)> make;
    std::function<Mounts()> mounts = read_mounts;
};

struct BackupDone {
    std::string directory;
    std::string file;         // name
    std::string mount_point;  // that `directory` lay below
    Nanoseconds finished = 0;
    std::uint64_t bytes = 0;
};

struct BackupStatus {
    std::string to;
    std::optional<BackupDone> last;
    std::optional<Nanoseconds> next;  // when one is due; nothing: before the first look, or the time is not known
    std::string trouble;              // why the one that is due is not there; "": it is
};

class DailyBackup {
  public:
    DailyBackup(DailyBackupOptions options, FileSystem& files, const Clock& clock);
    DailyBackup(const DailyBackup&) = delete;
    DailyBackup& operator=(const DailyBackup&) = delete;
    ~DailyBackup();  // gives up what is being copied

    void start();
    // Makes what is due, unless it was tried a moment ago.
    void turn();
    // Has the thread make one as soon as it can, in place of the one that is there for this day. Where that fails it is
    // tried again like any other.
    void ask();
    BackupStatus status() const;

  private:
    void run();
    bool stopping() const;
    void recall();
    bool take_asked();
    void attempt(const std::string& due, Nanoseconds now);
    Result<BackupDone> make(const std::string& due, Nanoseconds now);
    void remember(const BackupDone& done);
    void prune(const std::string& due);
    void tell(std::string trouble, bool is_new_day);

    const DailyBackupOptions options_;
    FileSystem& files_;
    const Clock& clock_;
    std::string tried_;         // name of the backup tried last
    Nanoseconds retry_at_ = 0;  // monotonic
    bool anew_ = false;         // somebody asked for one, and it is not made yet

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wanted_;
    BackupStatus status_;
    bool stop_ = false;
    bool asked_ = false;

    std::thread thread_;
};

inline constexpr Nanoseconds kLookEvery = 10 * kSecond;
inline constexpr Nanoseconds kRetryAfter = 5 * kMinute;

}  // namespace pomiar::upkeep
