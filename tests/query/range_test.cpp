#include "query/range.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "storage/snapshot.hpp"

namespace pomiar::query {
namespace {

constexpr Nanoseconds kNow = 1'763'920'800 * kSecond;  // 2025-11-23T18:00:00Z
constexpr Nanoseconds kFirst = std::numeric_limits<Nanoseconds>::min();

TEST(Instant, HasThreeSpellings) {
    struct Row {
        std::string_view text;
        Nanoseconds time;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"2025-11-23T18:00:00Z", kNow},
             {"2025-11-23T19:00:00.5+01:00", kNow + kSecond / 2},
             {"1970-01-02", kDay},
             {"0", 0},
             {"1763920800000", kNow},
             {"-1", -kMillisecond},
             {"now", kNow},
             {"-24h", kNow - kDay},
             {"now-1h30m", kNow - 90 * kMinute},
             {"+1h", kNow + kHour},
             {"now+1h", kNow + kHour},
             {"now 1h", kNow + kHour},  // a plus, as the form rule decodes it
             {"-200y", kNow - 200 * 365 * kDay},
         }) {
        const auto parsed = parse_instant("from", row.text, kNow);
        ASSERT_TRUE(parsed) << row.text << ": " << parsed.error().message;
        EXPECT_EQ(*parsed, row.time) << row.text;
    }
}

TEST(Instant, BeforeAllTimeIsItsBeginning) {
    EXPECT_EQ(parse_instant("from", "-200y", -100 * 365 * kDay).value(), kFirst);
    for (const std::string_view text : {"-350y", "now-350y", "-90000y", "-200y200y"})
        EXPECT_EQ(parse_instant("from", text, kNow).value(), kFirst) << text;
}

TEST(Instant, WrongOnesNameTheParameter) {
    for (const std::string_view text : {"", " ", "yesterday", "24h", "--1h", "now-", "nowadays", "-1x", "2025-13-01",
                                        "2025-11-23T18:00:00", "1e12", "9223372036855", "-9223372036855",
                                        "99999999999999999999", "+290y", "+350y", "9999-01-01T00:00:00Z", "12.5"}) {
        const auto parsed = parse_instant("to", text, kNow);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
        EXPECT_TRUE(parsed.error().message.starts_with("to: ")) << parsed.error().message;
    }
}

TEST(Range, TakesItsOpenEndsFromTheDefault) {
    const storage::TimeRange otherwise{5, 9};
    EXPECT_EQ(parse_range("", "", kNow, otherwise)->from, 5);
    EXPECT_EQ(parse_range("", "", kNow, otherwise)->to, 9);
    EXPECT_EQ(parse_range("0", "", kNow, otherwise)->from, 0);
    EXPECT_EQ(parse_range("-1h", "now", kNow, otherwise)->to, kNow);
}

TEST(Range, MustNotBeEmpty) {
    const auto reversed = parse_range("now", "-1h", kNow, storage::kAllTime);
    ASSERT_FALSE(reversed);
    EXPECT_EQ(reversed.error().message, "from: 2025-11-23T18:00:00Z is not earlier than `to`, 2025-11-23T17:00:00Z");
    EXPECT_FALSE(parse_range("now", "now", kNow, storage::kAllTime));
}

}  // namespace
}  // namespace pomiar::query
