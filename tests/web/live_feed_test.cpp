#include "web/live/live_feed.hpp"

#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

using storage::Value;

class LiveFeedTest : public testing::Test {
  protected:
    LiveFeedTest() { feed_.watch(true); }

    // Series 1, 2, … are named so.
    void commit(storage::SeriesId series, Nanoseconds time, const Value& value) {
        storage::Batch batch;
        batch.add(batch.add_series("sensor" + std::to_string(series), "x"), time, value, 1);
        feed_.committed(batch, {series});
    }
    std::vector<Update> take() { return feed_.take(1 << 20).updates; }

    LiveFeed feed_;
};

TEST_F(LiveFeedTest, KeepsOneValueForEachSeries) {
    commit(1, 10, Value::of(1.0));
    commit(2, 10, Value::of(2.0));
    commit(1, 20, Value::of(3.0));
    commit(1, 15, Value::of(4.0));
    const auto updates = take();
    ASSERT_EQ(updates.size(), 2);
    EXPECT_EQ(updates[0].series, 1);
    EXPECT_EQ(updates[0].sensor, "sensor1");
    EXPECT_EQ(updates[0].latest.value(), Value::of(3.0));
    EXPECT_EQ(updates[1].latest.value(), Value::of(2.0));
    EXPECT_TRUE(take().empty());
}

TEST_F(LiveFeedTest, KeepsOfATextWhatPagesShow) {
    const std::string text(64 << 10, 'x');
    commit(1, 10, Value::of(std::string_view(text)));
    EXPECT_EQ(take().at(0).latest.text, text.substr(0, 80) + "…");
    const std::string no_characters(64 << 10, '\x80');
    commit(1, 20, Value::of(std::string_view(no_characters)));
    EXPECT_LT(take().at(0).latest.text.size(), 400);
}

TEST_F(LiveFeedTest, IsNotToldLateReadingsThatCameBeforeItKnew) {
    commit(1, 10, Value::of(1.0));
    feed_.know(1, 20, feed_.removals());
    EXPECT_TRUE(take().empty());
    EXPECT_TRUE(feed_.latest(std::vector<storage::SeriesId>{1}).empty());
    commit(1, 15, Value::of(2.0));
    EXPECT_TRUE(take().empty());
    commit(1, 20, Value::of(3.0));  // replaces
    EXPECT_EQ(take().at(0).latest.value(), Value::of(3.0));
}

TEST_F(LiveFeedTest, DoesNotTellWhatWasRemoved) {
    const std::vector<storage::SeriesId> one{1};
    commit(1, 10, Value::of(1.0));
    commit(2, 10, Value::of(2.0));
    commit(1, 99, Value::of(99.0));
    feed_.removed({1, 2, 700}, {50, 100});
    EXPECT_TRUE(feed_.latest(one).empty());
    const auto updates = take();
    ASSERT_EQ(updates.size(), 1);
    EXPECT_EQ(updates[0].series, 2);
    commit(1, 20, Value::of(3.0));  // not late: what was after it is gone
    ASSERT_EQ(take().at(0).latest.value(), Value::of(3.0));
    commit(1, 99, Value::of(99.0));
    feed_.removed(one, {50, 100});
    commit(1, 21, Value::of(4.0));  // before the removed one was taken
    const auto again = take();
    ASSERT_EQ(again.size(), 1);
    EXPECT_EQ(again[0].sensor, "sensor1");
    EXPECT_EQ(again[0].latest.value(), Value::of(4.0));
    feed_.removed(one, {0, 20});
    EXPECT_EQ(feed_.latest(one).at(0).latest.value(), Value::of(4.0));
}

TEST_F(LiveFeedTest, DoesNotTakeForTheLatestWhatWasRemovedWhileItWasLookedUp) {
    const std::uint64_t removals = feed_.removals();
    feed_.removed({1}, {50, storage::kAllTime.to});
    feed_.know(1, 99, removals);
    commit(1, 20, Value::of(3.0));
    ASSERT_EQ(take().at(0).latest.value(), Value::of(3.0));
    feed_.know(1, 30, feed_.removals());
    commit(1, 25, Value::of(4.0));
    EXPECT_TRUE(take().empty());
}

TEST_F(LiveFeedTest, TellsLatestValuesAgain) {
    commit(1, 10, Value::of(1.0));
    take();
    const auto again = feed_.latest(std::vector<storage::SeriesId>{1, 7});
    ASSERT_EQ(again.size(), 1);
    EXPECT_EQ(again[0].latest.value(), Value::of(1.0));
}

TEST_F(LiveFeedTest, GivesAsMuchAsFitsAsJson) {
    const std::string text(80, '\x01');  // six bytes each
    for (storage::SeriesId id = 1; id <= 100; ++id) commit(id, 10, Value::of(std::string_view(text)));
    const LiveFeed::Taken taken = feed_.take(10'000);
    EXPECT_TRUE(taken.more);
    EXPECT_LE(updates_as_json(taken.updates).size(), 11'200);
    EXPECT_GE(updates_as_json(taken.updates).size(), 9'000);
    EXPECT_EQ(taken.updates.size() + take().size(), 100);
}

TEST_F(LiveFeedTest, ForgetsWhenNobodyWatches) {
    commit(1, 10, Value::of(1.0));
    feed_.watch(false);
    commit(1, 20, Value::of(2.0));
    feed_.watch(true);
    EXPECT_TRUE(take().empty());
}

}  // namespace
}  // namespace pomiar::web
