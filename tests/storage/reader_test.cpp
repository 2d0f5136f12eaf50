// What a reader tells while seals end and removals come, between what it asks of the state and of the database.
#include "storage/reader.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "storage/database/schema.hpp"
#include "storage/sealer.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage {
namespace {

constexpr SeriesId kSeries = 1;

class ReaderTest : public testing::Test {
  protected:
    ReaderTest() {
        const std::string path = directory_.path() + "/pomiar.db";
        auto database = Connection::open(path, Connection::Access::read_write, 1u << 20);
        EXPECT_TRUE(database);
        EXPECT_TRUE(prepare_schema(*database));
        EXPECT_EQ(state_.catalog.add("a", "f", SeriesType::number).value_or(0), kSeries);
        auto sealer = Sealer::open(std::move(*database), 0, state_);
        EXPECT_TRUE(sealer);
        sealer_.emplace(std::move(*sealer));
        auto reader = Reader::open(path, 1u << 20, state_);
        EXPECT_TRUE(reader);
        reader_ = std::move(*reader);
    }

    void push(Nanoseconds time) {
        const std::lock_guard lock(state_.mutex);
        state_.push(kSeries, time, Value::of(static_cast<double>(time)));
    }
    void remove(TimeRange range) {
        const std::lock_guard lock(state_.mutex);
        state_.remove({{kSeries}, range});
    }
    // Where a reader stands in the way of the checkpoint, it is tried again.
    void seal() {
        {
            const std::lock_guard lock(state_.mutex);
            state_.begin_sealing();
        }
        while (!sealer_->seal(0, [] {})) {
        }
    }
    Nanoseconds latest() {
        const auto found = reader_->latest(kSeries);
        EXPECT_TRUE(found && *found);
        return found && *found ? (*found)->time : 0;
    }
    Nanoseconds last() {
        const auto found = reader_->extent(kSeries);
        EXPECT_TRUE(found && *found);
        return found && *found ? (*found)->to : 0;
    }

    pomiar::test::TemporaryDirectory directory_;
    State state_{10};
    std::optional<Sealer> sealer_;
    std::unique_ptr<Reader> reader_;
};

TEST_F(ReaderTest, TheExtentHasWhatIsSealedMeanwhile) {
    push(1);
    std::atomic<Nanoseconds> pushed = 1;
    std::atomic<bool> done = false;
    std::thread sealing([&] {
        for (Nanoseconds time = 2; time <= 500; ++time) {
            push(time);
            if (time % 2 == 0) remove({time, kAllTime.to});  // and written again
            push(time);
            pushed = time;
            seal();
        }
        done = true;
    });
    Nanoseconds missing = 0;
    while (!done) {
        const Nanoseconds newest = pushed;
        reader_->begin();
        if (last() < newest) ++missing;
        if (latest() < newest) ++missing;
        reader_->end();
    }
    sealing.join();
    EXPECT_EQ(missing, 0);
}

TEST_F(ReaderTest, TheLatestIsTheOneBeforeTheRemovedEvenIfSealedInTheSameJob) {
    push(10);
    seal();
    reader_->begin();
    EXPECT_EQ(latest(), 10);
    reader_->end();

    reader_->begin();
    push(20);
    push(30);
    seal();
    EXPECT_EQ(latest(), 30);
    remove({30, 40});
    EXPECT_EQ(latest(), 20);
    EXPECT_EQ(last(), 20);
    push(30);
    EXPECT_EQ(latest(), 30);
    reader_->end();
    seal();
    reader_->begin();
    EXPECT_EQ(latest(), 30);
    EXPECT_EQ(last(), 30);
    reader_->end();
}

}  // namespace
}  // namespace pomiar::storage
