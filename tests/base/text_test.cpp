#include "base/text.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace pomiar {
namespace {

TEST(Time, ReadsRfc3339) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_time("2026-11-23T18:00:00.5Z"), 1'795'456'800'500'000'000);
    EXPECT_EQ(parse_time("2026-11-23 19:00:00+01:00"), 1'795'456'800'000'000'000);
    EXPECT_EQ(parse_time("1969-12-31T23:59:59.999999999Z"), -1);
    EXPECT_EQ(parse_time("2026-11-23"), 1'795'392'000'000'000'000);
}

TEST(Time, RefusesWhatIsNotATime) {
    for (const char* text : {"", "2026", "2026-13-01", "2026-02-30", "2026-11-23T", "2026-11-23T18:00:00",
                             "2026-11-23T24:00:00Z", "2026-11-23T18:00:00.Z", "2026-11-23T18:00:00.1234567890Z",
                             "2026-11-23T18:00:00+1:00", "2026-11-23T18:00:00Zx", "9999-01-01T00:00:00Z", "now"}) {
        EXPECT_FALSE(parse_time(text)) << text;
    }
}

TEST(Time, ComesBackFromItsText) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
        auto time = static_cast<Nanoseconds>(random());
        EXPECT_EQ(parse_time(format_time(time)), time) << format_time(time);
    }
    for (auto time : {std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max()}) {
        EXPECT_EQ(parse_time(format_time(time)), time) << format_time(time);
    }
}

TEST(Duration, ReadsAndWrites) {
    EXPECT_EQ(parse_duration("15s"), 15 * kSecond);
    EXPECT_EQ(parse_duration("1h30m"), 90 * kMinute);
    EXPECT_EQ(parse_duration("90d"), 90 * kDay);
    EXPECT_EQ(parse_duration("forever"), std::numeric_limits<Nanoseconds>::max());
    for (const char* text : {"15s", "1h30m", "90d", "10y", "250ms", "forever", "0s"}) {
        EXPECT_EQ(format_duration(*parse_duration(text)), text);
    }
}

TEST(Duration, RefusalNamesTheTextAndTheForm) {
    for (const char* text : {"", "s", "15", "-5s", "15 s", "1.5h", "999999999999999999999y", "15S"}) {
        auto result = parse_duration(text);
        ASSERT_FALSE(result) << text;
        EXPECT_NE(result.error().message.find("is not a length of time such as 15s"), std::string::npos);
    }
    for (const char* text : {"293y", "999999999999y", "200y100y1s"}) {
        auto result = parse_duration(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().kind, ErrorKind::too_large);
        EXPECT_NE(result.error().message.find("is longer than 292 years"), std::string::npos);
    }
}

TEST(Size, ReadsAndWrites) {
    EXPECT_EQ(parse_size("2MiB"), 2u << 20);
    EXPECT_EQ(parse_size("4096"), 4096u);
    EXPECT_EQ(format_size(512u << 10), "512KiB");
    EXPECT_EQ(format_size(1000), "1000");
    for (const char* text : {"", "MiB", "-1", "2mib", "1.5MiB", "99999999999GiB"})
        EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Double, ShortestTextReadsBackToTheSameBits) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 10'000; ++i) {
        const auto bits = random();
        const auto value = std::bit_cast<double>(bits);
        if (std::isnan(value)) continue;
        std::string text;
        append_double(text, value);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*parse_double(text)), bits) << text;
    }
}

// "-0.00120" and "1.2e-03": "12"
std::string significant_digits(std::string_view number) {
    std::string digits;
    for (const char c : number.substr(0, number.find('e')))
        if (c >= (digits.empty() ? '1' : '0') && c <= '9') digits += c;
    return digits.substr(0, digits.find_last_not_of('0') + 1);
}

TEST(Double, IsTheShortestTextThatGivesItBack) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 200'000; ++i) {
        const int places = static_cast<int>(random() % 6);
        const auto mantissa = static_cast<std::int64_t>(random() >> (random() % 62)) * (i % 2 == 0 ? 1 : -1);
        const double value = static_cast<double>(mantissa) / std::pow(10.0, places) * (i % 100 == 0 ? 1.0000000001 : 1);
        if (std::trunc(value) == value) continue;
        std::string text;
        append_double(text, value);
        ASSERT_EQ(parse_double(text), value) << text;
        char shortest[32];
        const auto end = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific).ptr;
        ASSERT_EQ(significant_digits(text), significant_digits({shortest, end}));
    }
}

TEST(Double, WholeNumbersLookLikeIntegers) {
    const auto text = [](double value) {
        std::string out;
        append_double(out, value);
        return out;
    };
    EXPECT_EQ(text(100'000), "100000");
    EXPECT_EQ(text(-9'007'199'254'740'991.0), "-9007199254740991");
    EXPECT_EQ(text(9'007'199'254'740'992.0), "9007199254740992");
    EXPECT_EQ(text(1e300), "1e+300");
    EXPECT_EQ(text(0), "0");
    EXPECT_EQ(text(-0.0), "-0");
    EXPECT_EQ(text(0.1), "0.1");
}

TEST(EditDistance, CountsSwapsAsOne) {
    EXPECT_EQ(edit_distance("storage.sync", "storage.sync"), 0u);
    EXPECT_EQ(edit_distance("storage.snyc", "storage.sync"), 1u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Percent, DecodesAndEncodes) {
    EXPECT_EQ(percent_decode("a%20b%2C"), "a b,");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_FALSE(percent_decode("%2"));
    EXPECT_FALSE(percent_decode("%zz"));
    EXPECT_EQ(percent_encode("climate,room=a b"), "climate%2Croom%3Da%20b");
}

TEST(Utf8, FollowsTheTableOfWellFormedSequences) {
    EXPECT_TRUE(is_utf8("zażółć gęślą jaźń \xf0\x9f\x8c\xa1"));
    for (const char* text :
         {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

}  // namespace
}  // namespace pomiar
