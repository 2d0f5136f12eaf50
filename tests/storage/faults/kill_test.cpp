// Real processes on a real disk, killed by themselves just before each of their operations on files, journal and
// database alike: what they had answered is there.
#include <array>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../store_fixture.hpp"
#include "storage/check.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kPageBytes = 4096;  // the kernel's

// Counts down in the child; at 0 it dies.
std::atomic<std::int64_t> operations_left{-1};

void count_operation() {
    if (operations_left.load() >= 0 && operations_left.fetch_sub(1) == 0) ::kill(::getpid(), SIGKILL);
}

class CountingFile final : public File {
  public:
    explicit CountingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
    Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
        return file_->read_at(offset, out, size);
    }
    // A process can die in the middle of a write, between two pages.
    Result<> write_at(std::uint64_t offset, std::string_view bytes) override {
        return write_halves(&File::write_at, offset, bytes, kPageBytes);
    }
    Result<> write_sectors(std::uint64_t offset, std::string_view bytes) override {
        return write_halves(&File::write_sectors, offset, bytes, kSectorBytes);
    }
    Result<> sync() override {
        count_operation();
        return file_->sync();
    }
    Result<std::uint64_t> size() override { return file_->size(); }

  private:
    Result<> write_halves(Result<> (File::*write)(std::uint64_t, std::string_view), std::uint64_t offset,
                          std::string_view bytes, std::size_t granule) {
        count_operation();
        const std::size_t first = bytes.size() / 2 / granule * granule;
        if (first == 0) return (*file_.*write)(offset, bytes);
        if (auto r = (*file_.*write)(offset, bytes.substr(0, first)); !r) return r;
        count_operation();
        return (*file_.*write)(offset + first, bytes.substr(first));
    }

    std::unique_ptr<File> file_;
};

class CountingFiles final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        if (mode == OpenMode::create) count_operation();
        auto opened = real_file_system().open(path, mode);
        if (!opened) return opened;
        return std::make_unique<CountingFile>(std::move(*opened));
    }
    Result<> rename(const std::string& from, const std::string& to) override {
        count_operation();
        return real_file_system().rename(from, to);
    }
    Result<> remove(const std::string& path) override {
        count_operation();
        return real_file_system().remove(path);
    }
    Result<> sync_directory(const std::string& path) override { return real_file_system().sync_directory(path); }
    Result<> make_directories(const std::string& path) override { return real_file_system().make_directories(path); }
    Result<std::vector<std::string>> list(const std::string& path) override { return real_file_system().list(path); }
};

// SQLite's own system calls on Linux, by their names there.
ssize_t counting_pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
    count_operation();
    return ::pwrite(file, bytes, size, offset);
}
int counting_truncate(int file, off_t size) {
    count_operation();
    return ::ftruncate(file, size);
}
int counting_unlink(const char* path) {
    count_operation();
    return ::unlink(path);
}
void count_calls_of_sqlite() {
    sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
    const auto set = [vfs](const char* name, auto* call) {
        ASSERT_EQ(vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(call)), SQLITE_OK) << name;
    };
    set("pwrite", counting_pwrite);
    set("pwrite64", counting_pwrite);
    set("ftruncate", counting_truncate);
    set("unlink", counting_unlink);
}

class KillTest : public test::StoreFixture {
  protected:
    // Times count up from `first`; each is written to the pipe once it is answered.
    void live(int answers, Nanoseconds first) {
        CountingFiles counting;
        files = &counting;
        open();
        if (!store) return;
        for (Nanoseconds time = first; time < first + 12; ++time) {
            const std::string text(time % 5 == 0 ? 20'000 : 10, static_cast<char>('a' + time % 26));
            Batch batch;
            batch.add(batch.add_series("number", "f"), time, Value::of(static_cast<double>(time) / 7), 1);
            batch.add(batch.add_series("text", "f"), time, Value::of(std::string_view(text)), 1);
            if (append(std::move(batch)).stored == 2 && ::write(answers, &time, sizeof time) != sizeof time) return;
            if (time % 4 == 3) (void)store->seal();
        }
        close();
        files = &real_file_system();
    }

    // In a process of its own that dies before its n-th operation. Which times were answered; nothing where it lived.
    struct Life {
        bool died;
        std::set<Nanoseconds> answered;
    };
    Life live_until(std::int64_t operation, Nanoseconds first) {
        std::array<int, 2> answers{};
        EXPECT_EQ(::pipe2(answers.data(), O_CLOEXEC), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            count_calls_of_sqlite();
            operations_left = operation;
            live(answers[1], first);
            ::_exit(0);
        }
        ::close(answers[1]);
        Life life{};
        Nanoseconds time = 0;
        while (::read(answers[0], &time, sizeof time) == sizeof time) life.answered.insert(time);
        ::close(answers[0]);
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        life.died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        EXPECT_TRUE(life.died || status == 0) << status;
        return life;
    }

    void expect_answered(const std::set<Nanoseconds>& answered, Nanoseconds end) {
        const auto report = check(options().path, real_file_system());
        if (report) {
            for (const std::string& problem : report->problems) ADD_FAILURE() << problem;
        }
        open();
        for (const char* sensor : {"number", "text"}) {
            const Readings found = all(sensor, "f");
            const std::set<Nanoseconds> times(found.times.begin(), found.times.end());
            for (const Nanoseconds time : answered) EXPECT_TRUE(times.contains(time)) << sensor << " at " << time;
            for (const Nanoseconds time : times) EXPECT_LT(time, end);
        }
        close();
    }
};

TEST_F(KillTest, BeforeEachOperation) {
    int kills = 0;
    const bool all_of_them = std::getenv("POMIAR_FAULTS") != nullptr;
    const std::int64_t step = all_of_them ? 1 : 13;
    for (std::int64_t n = 0; !HasFailure(); n += step) {
        SCOPED_TRACE("operation " + std::to_string(n));
        std::filesystem::remove_all(options().path);
        const Life first = live_until(n, 1);
        if (!first.died) break;
        expect_answered(first.answered, 13);
        // And again, where there is something to begin with.
        const Life second = live_until(n, 101);
        std::set<Nanoseconds> answered = first.answered;
        answered.insert(second.answered.begin(), second.answered.end());
        expect_answered(answered, 113);
        kills += second.died ? 2 : 1;
    }
    std::cout << kills << " kills\n";
    EXPECT_GT(kills, 5);
}

}  // namespace
}  // namespace pomiar::storage
