#include "ingest/number.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace pomiar::ingest {
namespace {

TEST(Number, DecimalsAreTheNearestDouble) {
    const struct {
        std::string text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0", -0.0},
        {"-0.", -0.0},
        {"1.", 1},
        {".5", 0.5},
        {"-.5", -0.5},
        {"18.3", 18.3},
        {"1e5", 1e5},
        {"1E+5", 1e5},
        {"1.5e-3", 0.0015},
        {"007", 7},
        {"9007199254740993", 9007199254740992},
        {"0.1000000000000000055511151231257827021181583404541015625", 0.1},
        {"1.7976931348623157e308", std::numeric_limits<double>::max()},
        {"4.9e-324", std::numeric_limits<double>::denorm_min()},
        {"2.2250738585072014e-308", std::numeric_limits<double>::min()},
        {"1e-400", 0},
        {"-1e-400", -0.0},
        {"0." + std::string(400, '0') + "1", 0},
        {"1" + std::string(400, '0') + "e-400", 1},
    };
    for (const auto& [text, value] : cases) {
        const auto read = parse_decimal(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*read), std::bit_cast<std::uint64_t>(value)) << text << " " << *read;
    }
}

TEST(Number, OtherTextsAreNotDecimals) {
    for (const std::string text :
         {"",   "-",    ".",   "-.",   "+1",  "1e",   "e5",       "1e+",   "1.1.1", "--1",  "1 ",
          " 1", "0x10", "inf", "-inf", "nan", "-nan", "infinity", "1_000", "1i",    "12.x", "1,5"}) {
        const auto read = parse_decimal(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), NumberFault::syntax) << text;
    }
    for (const std::string& text : {std::string("1e309"), std::string("-1e400"), std::string("1.8e308"),
                                    "1" + std::string(400, '0'), "1" + std::string(500, '0') + "e-10"}) {
        const auto read = parse_decimal(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), NumberFault::range) << text;
    }
}

TEST(Number, IntegersReachTheirEnds) {
    EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(parse_unsigned("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(parse_integer("9223372036854775808").error(), NumberFault::range);
    EXPECT_EQ(parse_integer("-9223372036854775809").error(), NumberFault::range);
    EXPECT_EQ(parse_unsigned("18446744073709551616").error(), NumberFault::range);
    for (const std::string text : {"", "-", "+1", "1.0", "1e3", " 1", "1 ", "0x1"}) {
        EXPECT_EQ(parse_integer(text).error(), NumberFault::syntax) << text;
        EXPECT_EQ(parse_unsigned(text).error(), NumberFault::syntax) << text;
    }
    EXPECT_EQ(parse_unsigned("-1").error(), NumberFault::syntax);
}

TEST(Number, ShortNumbersAreTakenOffTheFront) {
    const struct {
        std::string text;
        std::size_t taken;  // 0: not a short number
        double value;
    } cases[] = {
        {"18.3 17", 4, 18.3},
        {"-0.5,", 4, -0.5},
        {"7", 1, 7},
        {"7i", 1, 7},
        {"1.", 2, 1},
        {".25", 3, 0.25},
        {"-0", 2, -0.0},
        {"123456789012345", 15, 123456789012345},
        {"1e5", 1, 1},
        {"1234567890123456", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {".", 0, 0},
        {"x", 0, 0},
        {"0.0000000000000001", 0, 0},
    };
    for (const auto& [text, taken, value] : cases) {
        const ShortNumber number = take_short_number(text.data(), text.data() + text.size());
        ASSERT_EQ(number.end == nullptr ? 0 : number.end - text.data(), static_cast<std::ptrdiff_t>(taken)) << text;
        if (taken == 0) continue;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(number.as_double()), std::bit_cast<std::uint64_t>(value)) << text;
    }
}

// The fast way and the library's judge each other.
TEST(Number, ShortWayAndLongWayAgreeOnManyDecimals) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 100'000; ++i) {
        std::string text = random() % 2 == 0 ? "-" : "";
        const auto digits = 1 + random() % 15;
        const auto point = random() % (digits + 1);
        for (std::uint64_t d = 0; d < digits; ++d) {
            if (d == point) text += '.';
            text += static_cast<char>('0' + random() % 10);
        }
        const ShortNumber number = take_short_number(text.data(), text.data() + text.size());
        ASSERT_EQ(number.end, text.data() + text.size()) << text;
        double judge = 0;
        std::from_chars(text.data(), text.data() + text.size(), judge);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(number.as_double()), std::bit_cast<std::uint64_t>(judge)) << text;
    }
}

}  // namespace
}  // namespace pomiar::ingest
