#include "http/loop.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/task.hpp"

namespace pomiar::http::test {
namespace {

TEST(Loop, RunsPostsInOrderFromManyThreads) {
    Loop loop;
    constexpr int kThreads = 4;
    constexpr int kPosts = 5'000;
    std::vector<std::vector<int>> seen(kThreads);
    int left = kThreads * kPosts;
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kPosts; ++i) {
                loop.post([&, t, i] {
                    seen[static_cast<std::size_t>(t)].push_back(i);
                    if (--left == 0) loop.stop();
                });
            }
        });
    }
    loop.run();
    for (const auto& one : seen) {
        ASSERT_EQ(one.size(), static_cast<std::size_t>(kPosts));
        for (int i = 0; i < kPosts; ++i) ASSERT_EQ(one[static_cast<std::size_t>(i)], i);
    }
}

TEST(Loop, APostFromAPostRunsLater) {
    Loop loop;
    std::string order;
    loop.post([&] {
        loop.post([&] {
            order += 'c';
            loop.stop();
        });
        order += 'a';
    });
    loop.post([&] { order += 'b'; });
    loop.run();
    EXPECT_EQ(order, "abc");
}

TEST(Loop, DropsWhatIsPostedAfterStop) {
    Loop loop;
    bool ran = false;
    auto owned = std::make_shared<int>(1);
    loop.stop();
    loop.post([&, owned] { ran = true; });
    loop.run();
    EXPECT_FALSE(ran);
    EXPECT_EQ(owned.use_count(), 1);
}

Task<void> sleep_and_note(Loop& loop, Nanoseconds length, std::string& notes, char note) {
    const bool woken = co_await loop.sleep(length);
    notes += woken ? note : '-';
    if (note == 'z') loop.stop();
}

TEST(Loop, SleepersWakeInTheOrderOfTheirTimes) {
    Loop loop;
    std::string notes;
    spawn(sleep_and_note(loop, 30 * kMillisecond, notes, 'z'));
    spawn(sleep_and_note(loop, 20 * kMillisecond, notes, 'c'));
    spawn(sleep_and_note(loop, 0, notes, 'a'));
    spawn(sleep_and_note(loop, 10 * kMillisecond, notes, 'b'));
    spawn(sleep_and_note(loop, std::numeric_limits<Nanoseconds>::max(), notes, 'x'));
    loop.run();
    EXPECT_EQ(notes, "abcz-") << "the last is woken by the stop";
}

TEST(Loop, SleepersOfALoopThatNeverRanAreWoken) {
    std::string notes;
    {
        Loop loop;
        spawn(sleep_and_note(loop, kHour, notes, 'a'));
    }
    EXPECT_EQ(notes, "-");
}

TEST(Loop, ATimerRepeatsUntilItGoes) {
    Loop loop;
    int count = 0;
    Timer timer = loop.every(kMillisecond, [&] {
        if (++count == 3) timer = {};
    });
    Timer end = loop.every(30 * kMillisecond, [&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(count, 3);
}

TEST(Loop, TellsOfSignals) {
    Loop loop;
    int count = 0;
    loop.on_signal(SIGHUP, [&] {
        if (++count == 2) loop.stop();
        ::raise(SIGHUP);
    });
    loop.post([] { ::raise(SIGHUP); });
    loop.run();
    EXPECT_EQ(count, 2);
}

struct Pair {
    int ends[2] = {-1, -1};
    Pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
};

Task<void> read_three(Loop& loop, Readiness& readiness, int descriptor, std::string& got) {
    while (got.size() < 3) {
        const bool ready = co_await readiness.readable();
        if (!ready) {
            got += "cancelled";
            break;
        }
        char c = 0;
        if (::read(descriptor, &c, 1) == 1) got += c;
    }
    loop.stop();
}

TEST(Readiness, WakesForEachByte) {
    Loop loop;
    const Pair pair;
    std::string got;
    Readiness readiness(loop, pair.ends[0]);
    spawn(read_three(loop, readiness, pair.ends[0], got));
    ASSERT_EQ(::write(pair.ends[1], "ab", 2), 2);
    loop.post([&] { ASSERT_EQ(::write(pair.ends[1], "c", 1), 1); });
    loop.run();
    EXPECT_EQ(got, "abc");
}

TEST(Readiness, CancelWakesAndKeepsOthersFromWaiting) {
    Loop loop;
    const Pair pair;
    std::string got;
    Readiness readiness(loop, pair.ends[0]);
    spawn(read_three(loop, readiness, pair.ends[0], got));
    loop.post([&] { readiness.cancel(); });
    loop.run();
    EXPECT_EQ(got, "cancelled");
    got.clear();
    spawn(read_three(loop, readiness, pair.ends[0], got));
    EXPECT_EQ(got, "cancelled");
}

}  // namespace
}  // namespace pomiar::http::test
