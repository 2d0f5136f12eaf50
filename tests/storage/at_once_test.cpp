// Small batches are stored by whoever brings them, as long as no card is needed for that; and never wait for one.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace pomiar::storage {
namespace {

// A card that takes nothing while it is stuck. The spool is in memory and goes on.
class StickyCard final : public FileSystem {
  public:
    void stick() {
        const std::lock_guard lock(mutex_);
        stuck_ = true;
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        stuck_ = false;
        changed_.notify_all();
    }
    void wait_until_somebody_waits() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ > 0; });
    }
    void pass(const std::string& path) {
        if (path.starts_with("/dev/shm/")) return;
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !stuck_; });
        --waiting_;
    }

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        auto file = real_.open(path, mode);
        if (!file) return file;
        return std::make_unique<StickyFile>(*this, path, std::move(*file));
    }
    Result<> rename(const std::string& from, const std::string& to) override { return real_.rename(from, to); }
    Result<> remove(const std::string& path) override { return real_.remove(path); }
    Result<> sync_directory(const std::string& path) override { return real_.sync_directory(path); }
    Result<> make_directories(const std::string& path) override { return real_.make_directories(path); }
    Result<std::vector<std::string>> list(const std::string& path) override { return real_.list(path); }

  private:
    class StickyFile final : public File {
      public:
        StickyFile(StickyCard& card, std::string path, std::unique_ptr<File> file)
            : card_(card), path_(std::move(path)), file_(std::move(file)) {}
        Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
            return file_->read_at(offset, out, size);
        }
        Result<> write_at(std::uint64_t offset, std::string_view bytes) override {
            card_.pass(path_);
            return file_->write_at(offset, bytes);
        }
        Result<> sync() override {
            card_.pass(path_);
            return file_->sync();
        }
        Result<std::uint64_t> size() override { return file_->size(); }

      private:
        StickyCard& card_;
        std::string path_;
        std::unique_ptr<File> file_;
    };

    FileSystem& real_ = real_file_system();
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool stuck_ = false;
};

class AtOnceTest : public test::StoreFixture {
  protected:
    StoreOptions spooling(Nanoseconds period = kHour) {
        StoreOptions o = options();
        o.spool = "/dev/shm";
        o.sync = {SyncPolicy::Mode::period, period};
        return o;
    }
    static Batch batch_of(std::size_t readings, Nanoseconds from = 1) {
        Batch batch;
        const auto series = batch.add_series("a", "f");
        for (std::size_t i = 0; i < readings; ++i)
            batch.add(series, from + static_cast<Nanoseconds>(i), Value::of(1.0), 1);
        return batch;
    }
    // Whether this thread has stored it.
    bool is_stored_here(Batch batch) {
        std::promise<std::thread::id> who;
        store->append(std::move(batch), [&](const AppendOutcome& outcome) {
            EXPECT_FALSE(outcome.failure);
            who.set_value(std::this_thread::get_id());
        });
        return who.get_future().get() == std::this_thread::get_id();
    }
};

TEST_F(AtOnceTest, ASmallBatchIsStoredByWhoBringsIt) {
    open(spooling());
    EXPECT_TRUE(is_stored_here(batch_of(1)));
    EXPECT_TRUE(is_stored_here(batch_of(64, 100)));
    EXPECT_EQ(all("a", "f").size(), 65u);
    close();
    open(spooling());
    EXPECT_EQ(all("a", "f").size(), 65u) << "it outlives the process";
}

TEST_F(AtOnceTest, ALargeOneIsTheWriters) {
    open(spooling());
    EXPECT_FALSE(is_stored_here(batch_of(65)));
    // The writer has answered, and is done a moment later.
    int tries = 1;
    while (!is_stored_here(batch_of(1, 99 + tries)) && tries < 10'000) ++tries;
    EXPECT_LT(tries, 10'000);
}

TEST_F(AtOnceTest, SoIsEachOneThatNeedsTheCard) {
    open();
    EXPECT_FALSE(is_stored_here(batch_of(1))) << "no spool";
    close();
    StoreOptions always = spooling();
    always.sync.mode = SyncPolicy::Mode::always;
    open(always);
    EXPECT_FALSE(is_stored_here(batch_of(1)));
}

TEST_F(AtOnceTest, AFullSpoolIsEmptiedByTheWriter) {
    open(spooling());
    int here = 0;
    int there = 0;
    for (int i = 0; i < 10'000; ++i) ++(is_stored_here(batch_of(1, 1000 + i)) ? here : there);
    EXPECT_GT(here, there);
    EXPECT_GT(there, 0);
    EXPECT_EQ(all("a", "f").size(), 10'000u);
}

TEST_F(AtOnceTest, NobodyWaitsForACardThatIsStuck) {
    StickyCard card;
    files = &card;
    const SystemClock time;
    StoreOptions often = spooling(10 * kMillisecond);
    auto opened = Store::open(often, card, time);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    EXPECT_TRUE(is_stored_here(batch_of(1)));
    card.stick();
    std::optional<AppendOutcome> first;
    store->append(batch_of(1, 50), [&](AppendOutcome outcome) { first = std::move(outcome); });
    card.wait_until_somebody_waits();  // the sync has begun
    std::promise<AppendOutcome> answered;
    store->append(batch_of(1, 100), [&](AppendOutcome outcome) { answered.set_value(std::move(outcome)); });
    auto answer = answered.get_future();
    EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    card.let_go();
    EXPECT_FALSE(answer.get().failure);
    EXPECT_EQ(all("a", "f").size(), 3u);
    close();
}

TEST_F(AtOnceTest, FromManyThreadsBesideTheWriterNothingIsLost) {
    StoreOptions often = spooling(kMillisecond);
    const SystemClock time;
    auto opened = Store::open(often, *files, time);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    constexpr int kThreads = 3;
    constexpr int kBatches = 300;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < kBatches; ++i) {
                    const auto size = static_cast<std::size_t>(i % 10 == 0 ? 100 : 1);  // the writer's, and small ones
                    const Nanoseconds from = (t * kBatches + i) * Nanoseconds{100} + 1;
                    (void)is_stored_here(batch_of(size, from));
                }
            });
        }
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(store->seal());
    }
    EXPECT_EQ(all("a", "f").size(), static_cast<std::size_t>(kThreads * (kBatches / 10 * 100 + kBatches / 10 * 9)));
    close();
}

TEST_F(AtOnceTest, WhatMustWaitForItsTimeIsLookedAfter) {
    open(spooling());
    EXPECT_TRUE(is_stored_here(batch_of(1, clock.now() + 2 * kDay)));
    EXPECT_EQ(store->statistics().ahead, 1u);
    clock.advance(2 * kDay);
    for (int i = 0; i < 10'000 && store->statistics().ahead != 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(store->statistics().ahead, 0u);
    EXPECT_EQ(all("a", "f").size(), 1u);
}

}  // namespace
}  // namespace pomiar::storage
