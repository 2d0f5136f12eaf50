#include "query/spans.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "support/fake_snapshot.hpp"

namespace pomiar::query {
namespace {

using pomiar::test::FakeSnapshot;
using storage::Value;

TEST(Spans, AreThoseOfTheReadingsInAnyPages) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 100; ++round) {
        FakeSnapshot snapshot(1 + random() % 9);
        const auto id = snapshot.add_series("a", "b");
        const storage::TimeRange starts{static_cast<Nanoseconds>(random() % 300) - 150,
                                        static_cast<Nanoseconds>(random() % 300)};
        const auto length = static_cast<Nanoseconds>(1 + random() % 20);
        for (std::size_t n = random() % 200; n > 0; --n)
            snapshot.put(id, static_cast<Nanoseconds>(random() % 400) - 200, Value::of(std::uint64_t{random() % 100}));
        std::map<Nanoseconds, Span> expected;
        const auto all = snapshot.all(id);
        for (std::size_t i = 0; i < all.size(); ++i) {
            Nanoseconds start = all.times[i] / length * length;
            if (start > all.times[i]) start -= length;
            if (start < starts.from || start >= starts.to) continue;
            const double value = all.value(i).as_double();
            auto& span =
                expected.try_emplace(start, Span{start, length, 0, value, value, 0, value, value}).first->second;
            ++span.count;
            span.min = std::min(span.min, value);
            span.max = std::max(span.max, value);
            span.sum += value;
            span.last = value;
        }
        SpanQuery query{.starts = starts, .length = length, .limit = static_cast<std::uint32_t>(1 + random() % 9)};
        auto wanted = expected.begin();
        for (bool more = true; more;) {
            const auto page = read_spans(snapshot, snapshot.series().front(), query).value();
            ASSERT_LE(page.spans.size(), query.limit);
            for (const Span& span : page.spans) {
                ASSERT_NE(wanted, expected.end());
                const Span& other = (wanted++)->second;
                EXPECT_EQ(
                    std::tie(span.start, span.length, span.count, span.min, span.max, span.sum, span.first, span.last),
                    std::tie(other.start, other.length, other.count, other.min, other.max, other.sum, other.first,
                             other.last));
            }
            more = page.next.has_value();
            if (more) query.starts.from = *page.next;
        }
        EXPECT_EQ(wanted, expected.end());
    }
}

TEST(Spans, OfWhatIsLeftAreGivenAsTheyAre) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("a", "b");
    snapshot.put_rolled_up(id, {0, kDay - 1, 10, 1, 2, 15, 1, 2});
    for (Nanoseconds i = 0; i < 12; ++i)
        snapshot.put_rolled_up(
            id, {kDay + i * 5 * kMinute, kDay + (i + 1) * 5 * kMinute - 1, 2, static_cast<double>(i), 50, 1, 3, 4});
    snapshot.put(id, kDay + kHour + 1, Value::of(7.0));
    const auto page = read_spans(snapshot, snapshot.series().front(), {.starts = storage::kAllTime, .length = kHour});
    ASSERT_EQ(page->spans.size(), 3);
    EXPECT_EQ(page->spans[0].length, kDay);
    EXPECT_EQ(page->spans[0].count, 10);
    EXPECT_EQ(page->spans[1].start, kDay);
    EXPECT_EQ(page->spans[1].length, kHour);
    EXPECT_EQ(page->spans[1].count, 24);
    EXPECT_EQ(page->spans[1].min, 0);
    EXPECT_EQ(page->spans[1].sum, 12);
    EXPECT_EQ(page->spans[2].start, kDay + kHour);
    const auto days = read_spans(snapshot, snapshot.series().front(), {.starts = storage::kAllTime, .length = kDay});
    ASSERT_EQ(days->spans.size(), 2);
    EXPECT_EQ(days->spans[1].count, 25);
}

TEST(Spans, LeaveOutWhatIsNoNumber) {
    FakeSnapshot snapshot;
    const auto number = snapshot.add_series("a", "b");
    snapshot.put(number, 1, Value::of(std::numeric_limits<double>::quiet_NaN()));
    snapshot.put(number, 2, Value::of(5.0));
    snapshot.put(number, 100, Value::of(std::numeric_limits<double>::quiet_NaN()));
    snapshot.put(snapshot.add_series("a", "c", storage::SeriesType::text), 1, Value::of(std::string_view("x")));
    const SpanQuery query{.starts = storage::kAllTime, .length = 10};
    const auto page = read_spans(snapshot, snapshot.series()[0], query);
    ASSERT_EQ(page->spans.size(), 1);
    EXPECT_EQ(page->spans[0].count, 1);
    EXPECT_TRUE(read_spans(snapshot, snapshot.series()[1], query)->spans.empty());
}

TEST(Spans, TakeTheEarliestAndLatestTimes) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("a", "b");
    snapshot.put(id, std::numeric_limits<Nanoseconds>::min() + 2, Value::of(1.0));
    snapshot.put(id, std::numeric_limits<Nanoseconds>::max() - 1, Value::of(2.0));
    const auto page = read_spans(snapshot, snapshot.series().front(), {.starts = storage::kAllTime, .length = kDay});
    EXPECT_EQ(page->spans.size(), 2);
}

TEST(Spans, RefuseWrongQueries) {
    FakeSnapshot snapshot;
    snapshot.add_series("a", "b");
    for (const SpanQuery& query : {SpanQuery{storage::kAllTime, 0, 1}, SpanQuery{storage::kAllTime, -1, 1},
                                   SpanQuery{storage::kAllTime, 1, 0}, SpanQuery{storage::kAllTime, 1, kSpansMax + 1}})
        EXPECT_FALSE(read_spans(snapshot, snapshot.series().front(), query));
}

}  // namespace
}  // namespace pomiar::query
