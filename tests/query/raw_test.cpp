#include "query/raw.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "support/fake_snapshot.hpp"

namespace pomiar::query {
namespace {

using pomiar::test::FakeSnapshot;
using storage::SeriesType;
using storage::Value;

using Row = std::tuple<Nanoseconds, storage::SeriesId, std::uint64_t>;

std::vector<Row> rows_of(const Page& page) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < page.readings.size(); ++i) {
        rows.emplace_back(page.readings.times[i], page.series[page.series_of[i]].id, page.readings.bits[i]);
    }
    return rows;
}

TEST(RawPages, TogetherAreAllReadingsInOrder) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 60; ++round) {
        FakeSnapshot snapshot(1 + random() % 9);
        std::vector<Row> expected;
        const storage::TimeRange range{static_cast<Nanoseconds>(random() % 100),
                                       static_cast<Nanoseconds>(100 + random() % 100)};
        const std::size_t series_count = 1 + random() % 5;
        for (std::size_t s = 0; s < series_count; ++s) {
            const auto id = snapshot.add_series("sensor", "f" + std::to_string(9 - s));
            for (std::size_t n = random() % 60; n > 0; --n) {
                snapshot.put(id, static_cast<Nanoseconds>(random() % 200), Value::of(std::uint64_t{random()}));
            }
            const auto all = snapshot.all(id);
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (all.times[i] >= range.from && all.times[i] < range.to) {
                    expected.emplace_back(all.times[i], id, all.bits[i]);
                }
            }
        }
        std::sort(expected.begin(), expected.end());
        RawQuery query{.range = range, .limit = static_cast<std::uint32_t>(1 + random() % 40), .after = {}};
        if (random() % 2 == 0) {
            query.order = Order::newest_first;
            std::reverse(expected.begin(), expected.end());
        }
        std::vector<Row> found;
        for (;;) {
            const auto page = read_page(snapshot, select_series(snapshot, "sensor", "").value(), query).value();
            const auto rows = rows_of(page);
            EXPECT_LE(rows.size(), query.limit);
            found.insert(found.end(), rows.begin(), rows.end());
            if (!page.next) break;
            ASSERT_EQ(rows.size(), query.limit);
            query.after = parse_position(format_position(*page.next)).value();
        }
        EXPECT_EQ(found, expected);
    }
}

TEST(RawPages, WithMuchTextEndEarly) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("log", "line", SeriesType::text);
    const std::string long_text(kPageTextBytesMax / 3, 'x');
    for (int i = 0; i < 7; ++i) snapshot.put(id, i, Value::of(std::string_view(long_text)));
    for (const Order order : {Order::oldest_first, Order::newest_first}) {
        RawQuery query{.range = storage::kAllTime, .limit = 100, .after = {}, .order = order};
        std::size_t found = 0;
        for (int pages = 1;; ++pages) {
            const auto page = read_page(snapshot, snapshot.series(), query).value();
            for (std::size_t i = 0; i < page.readings.size(); ++i) EXPECT_EQ(page.readings.value(i).text, long_text);
            found += page.readings.size();
            if (!page.next) {
                EXPECT_EQ(pages, 3);
                break;
            }
            query.after = page.next;
        }
        EXPECT_EQ(found, 7);
    }
}

TEST(RawPages, OfOneEnormousTextGoOn) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("log", "line", SeriesType::text);
    const std::string enormous(kPageTextBytesMax + 1, 'x');
    for (int i = 0; i < 2; ++i) snapshot.put(id, i, Value::of(std::string_view(enormous)));
    const auto page = read_page(snapshot, snapshot.series(), {storage::kAllTime, 100, std::nullopt}).value();
    EXPECT_EQ(page.readings.size(), 1);
    EXPECT_EQ(page.next, (Position{0, id}));
}

TEST(RawPages, FromTheEndDecodeOnlyTheirOwnBlocks) {
    FakeSnapshot snapshot(16);
    const auto id = snapshot.add_series("a", "b");
    for (int i = 0; i < 1'000; ++i) snapshot.put(id, i, Value::of(1.0));
    const auto page = read_page(snapshot, snapshot.series(),
                                {.range = storage::kAllTime, .limit = 10, .after = {}, .order = Order::newest_first});
    EXPECT_EQ(page->readings.times.front(), 999);
    EXPECT_LE(snapshot.readings_shown, 64);
}

TEST(RawPages, RefuseWrongLimits) {
    FakeSnapshot snapshot;
    for (const std::uint32_t limit : {0u, kRowsMax + 1}) {
        const auto page = read_page(snapshot, {}, {storage::kAllTime, limit, std::nullopt});
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error().message, "limit: must be 1 to 100000");
    }
}

TEST(RawPages, TellOfDamageAndPassOtherTroubleOn) {
    FakeSnapshot snapshot;
    snapshot.put(snapshot.add_series("a", "b"), 1, Value::of(1.0));
    snapshot.scan_failure = Error{ErrorKind::corrupt, "block 7"};
    const auto page = read_page(snapshot, snapshot.series(), {storage::kAllTime, 10, std::nullopt});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->readings.size(), 1);
    EXPECT_EQ(page->damage->message, "block 7");
    snapshot.scan_failure = Error{ErrorKind::io, "card"};
    EXPECT_FALSE(read_page(snapshot, snapshot.series(), {storage::kAllTime, 10, std::nullopt}));
}

TEST(Position, IsReadBackOrRefused) {
    for (const Position position :
         {Position{0, 1}, Position{-5, 0}, Position{std::numeric_limits<Nanoseconds>::min(), 4'294'967'295u}}) {
        EXPECT_EQ(parse_position(format_position(position)).value(), position);
    }
    for (const std::string_view text :
         {"", ".", "1", "1.", ".1", "1.-1", "1.4294967296", "a.1", "1.2.3", "99999999999999999999.1"}) {
        const auto parsed = parse_position(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_TRUE(parsed.error().message.starts_with("next: ")) << parsed.error().message;
    }
}

TEST(Selection, MatchesBothOneOrNone) {
    FakeSnapshot snapshot;
    snapshot.add_series("a", "x");
    snapshot.add_series("a", "y");
    snapshot.add_series("b", "x");
    EXPECT_EQ(select_series(snapshot, "", "")->size(), 3);
    EXPECT_EQ(select_series(snapshot, "a", "")->size(), 2);
    EXPECT_EQ(select_series(snapshot, "", "x")->size(), 2);
    EXPECT_EQ(select_series(snapshot, "b", "x")->size(), 1);
    EXPECT_EQ(select_series(snapshot, "c", "").error(), (Error{ErrorKind::not_found, "sensor: there is no `c`"}));
    EXPECT_EQ(select_series(snapshot, "b", "y").error().message, "field: sensor `b` has no `y`");
    EXPECT_EQ(select_series(snapshot, "", "z").error().message, "field: no sensor has a `z`");
}

}  // namespace
}  // namespace pomiar::query
