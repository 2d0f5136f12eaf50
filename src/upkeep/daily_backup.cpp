#include "upkeep/daily_backup.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr int kNiceness = 10;
constexpr std::size_t kMemoryBytesMax = 16u << 10;
constexpr std::string_view kPartSuffix = ".part";
constexpr std::string_view kTimeUnknown = "the time is not known yet";

// A line for each of the five: what is remembered of the last backup.
std::string memory_text(const BackupDone& done) {
    return fmt::format("directory {}\nmounted {}\nfile {}\nfinished {}\nbytes {}\n", done.directory, done.mount_point,
                       done.file, format_time(done.finished), done.bytes);
}

std::optional<BackupDone> parse_memory(std::string_view text) {
    BackupDone done;
    for (const std::string_view line : split(text, '\n')) {
        const std::size_t space = std::min(line.find(' '), line.size());
        const std::string_view key = line.substr(0, space);
        const std::string_view value = line.substr(std::min(space + 1, line.size()));
        if (key == "directory") done.directory = value;
        if (key == "mounted") done.mount_point = value;
        if (key == "file") done.file = value;
        if (key == "finished") done.finished = parse_time(value).value_or(0);
        if (key == "bytes") done.bytes = parse_uint64(value).value_or(0);
    }
    if (done.directory.empty() || !is_backup_name(done.file)) return std::nullopt;
    return done;
}

struct FileFacts {
    std::uint64_t bytes;
    Nanoseconds changed;
};

std::optional<FileFacts> file_facts_of(const std::string& path) {
    struct stat s{};
    if (::stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return std::nullopt;
    return FileFacts{static_cast<std::uint64_t>(s.st_size), static_cast<Nanoseconds>(s.st_mtim.tv_sec) * kSecond};
}

}  // namespace

DailyBackup::DailyBackup(DailyBackupOptions options, FileSystem& files, const Clock& clock)
    : options_(std::move(options)), files_(files), clock_(clock) {
    status_.to = options_.to;
    recall();
}

DailyBackup::~DailyBackup() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wanted_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void DailyBackup::start() {
    thread_ = std::thread([this] { run(); });
}

BackupStatus DailyBackup::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

bool DailyBackup::stopping() const {
    const std::lock_guard lock(mutex_);
    return stop_;
}

void DailyBackup::run() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);  // of this thread; a wish
    while (!stopping()) {
        turn();
        std::unique_lock lock(mutex_);
        wanted_.wait_for(lock, std::chrono::nanoseconds(kLookEvery), [this] { return stop_ || asked_; });
    }
}

void DailyBackup::ask() {
    {
        const std::lock_guard lock(mutex_);
        asked_ = true;
    }
    wanted_.notify_one();
}

bool DailyBackup::take_asked() {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, false);
}

void DailyBackup::turn() {
    const auto now = options_.now();
    if (take_asked()) {
        anew_ = true;
        retry_at_ = clock_.monotonic();
    }
    if (!now) {
        const std::lock_guard lock(mutex_);
        status_.trouble = kTimeUnknown;
        status_.next.reset();
        return;
    }
    const std::string due = due_backup(*now, options_.at);
    {
        const std::lock_guard lock(mutex_);
        status_.next = next_due(*now, options_.at);
        if (!anew_ && status_.last && status_.last->directory == options_.to && status_.last->file == due) {
            status_.trouble.clear();
            return;
        }
    }
    if (due == tried_ && clock_.monotonic() < retry_at_) return;
    attempt(due, *now);
}

void DailyBackup::attempt(const std::string& due, Nanoseconds now) {
    auto made = make(due, now);
    const bool is_new_day = due != tried_;
    tried_ = due;
    if (made) {
        anew_ = false;
        prune(due);  // before anybody is told: who sees the new one sees no surplus
        remember(*made);
        return;
    }
    if (stopping()) return;
    const bool missing = made.error().kind == ErrorKind::not_found;
    retry_at_ = clock_.monotonic() + (missing ? 0 : kRetryAfter);
    tell(std::move(made.error().message), is_new_day);
}

// The one that is there already, perhaps made by hand, counts unless one was asked for.
Result<BackupDone> DailyBackup::make(const std::string& due, Nanoseconds now) {
    std::string before;
    {
        const std::lock_guard lock(mutex_);
        if (status_.last && status_.last->directory == options_.to) before = status_.last->mount_point;
    }
    auto place = check_place(options_.to, before, options_.mounts());
    if (!place) return failure(std::move(place));
    const std::string path = options_.to + "/" + due;
    BackupDone done{.directory = options_.to, .file = due, .mount_point = std::move(*place)};
    if (const auto there = anew_ ? std::nullopt : file_facts_of(path)) {
        done.finished = there->changed;
        done.bytes = there->bytes;
        return done;
    }
    if (auto r = options_.make(path, [this] { return !stopping(); }); !r) return failure(std::move(r));
    const auto made = file_facts_of(path);
    done.finished = options_.now().value_or(now);
    done.bytes = made ? made->bytes : 0;
    return done;
}

void DailyBackup::recall() {
    const auto text = read_whole(files_, options_.data_directory + "/last-backup", kMemoryBytesMax);
    if (text) status_.last = parse_memory(*text);
}

// Also for the next start: what it was made on, and that it need not be made again.
void DailyBackup::remember(const BackupDone& done) {
    log::info("backup {}/{}, {} bytes", done.directory, done.file, done.bytes);
    if (auto r = write_whole(files_, options_.data_directory + "/last-backup", memory_text(done)); !r)
        log::warning("the backup is made, but not remembered: {}", r.error().message);
    const std::lock_guard lock(mutex_);
    status_.last = done;
    status_.trouble.clear();
}

// The oldest of the days up to this one: a file of a day to come was made while the clock was wrong, and is somebody
// else's to judge. What an earlier day's try has left goes too.
void DailyBackup::prune(const std::string& due) {
    const auto names = files_.list(options_.to);
    if (!names) return log::warning("old backups stay: {}", names.error().message);
    std::vector<std::string> gone;
    std::vector<std::string> kept;
    for (const std::string& name : *names) {
        if (is_backup_name(name) && name <= due) kept.push_back(name);
        if (!name.ends_with(kPartSuffix)) continue;
        const std::string whole = name.substr(0, name.size() - kPartSuffix.size());
        if (is_backup_name(whole) && whole < due) gone.push_back(name);
    }
    std::ranges::sort(kept);
    const std::size_t surplus = kept.size() - std::min<std::size_t>(kept.size(), options_.keep);
    gone.insert(gone.end(), kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(surplus));
    for (const std::string& name : gone) {
        if (auto r = files_.remove(options_.to + "/" + name); !r)
            log::warning("an old backup stays: {}", r.error().message);
    }
}

// The same again and again is said once a day.
void DailyBackup::tell(std::string trouble, bool is_new_day) {
    bool is_news = is_new_day;
    {
        const std::lock_guard lock(mutex_);
        is_news = is_news || status_.trouble != trouble;
        status_.trouble = trouble;
    }
    if (is_news) log::warning("no backup, tried again every few minutes: {}", trouble);
}

}  // namespace pomiar::upkeep
