#include "storage/codec/block.hpp"

#include <random>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "storage/codec/one_column.hpp"
#include "storage/codec/some_readings.hpp"

namespace pomiar::storage {
namespace {

std::string encoded(const Readings& readings) {
    std::string out;
    encode_one(readings, 0, readings.size(), out);
    return out;
}

void expect_same(const Readings& decoded, const Readings& readings, std::size_t first, std::size_t last) {
    ASSERT_EQ(decoded.size(), last - first);
    ASSERT_EQ(decoded.bits.size(), last - first);
    ASSERT_EQ(decoded.kinds.size(), last - first);
    for (std::size_t i = first; i < last; ++i) {
        ASSERT_EQ(decoded.times[i - first], readings.times[i]) << "reading " << i;
        ASSERT_EQ(decoded.value(i - first), readings.value(i)) << "reading " << i;
    }
}

void expect_round_trip(const Readings& readings) {
    Readings decoded;
    const auto result = decode_one(encoded(readings), decoded);
    ASSERT_TRUE(result) << result.error().message;
    expect_same(decoded, readings, 0, readings.size());
}

class Shapes : public testing::TestWithParam<std::tuple<unsigned, unsigned>> {};

TEST_P(Shapes, ComeBackExactly) {
    const auto [time_shape, value_shape] = GetParam();
    for (const std::size_t count : {1u, 2u, 3u, 4u, 5u, 7u, 20u, 100u, 256u, 257u, 258u, 1000u, 5000u}) {
        const std::uint64_t seed = count * 1000 + time_shape * 100 + value_shape;
        SCOPED_TRACE("seed " + std::to_string(seed));
        expect_round_trip(SomeReadings(seed).make(time_shape, value_shape, count));
        if (HasFatalFailure()) return;
    }
}
INSTANTIATE_TEST_SUITE_P(Block, Shapes,
                         testing::Combine(testing::Range(0u, SomeReadings::kTimeShapes),
                                          testing::Range(0u, SomeReadings::kValueShapes)));

TEST(Block, MostReadings) {
    for (unsigned shape = 0; shape < SomeReadings::kValueShapes; ++shape) {
        SCOPED_TRACE(shape);
        expect_round_trip(SomeReadings(shape).make(shape % SomeReadings::kTimeShapes, shape, kBlockReadingsMax));
    }
}

TEST(Block, AppendsAndTakesAPart) {
    const Readings readings = SomeReadings(1).make(4, 1, 300);
    std::string out = "before";
    encode_one(readings, 100, 250, out);
    ASSERT_EQ(out.substr(0, 6), "before");
    std::string alone;
    encode_one(readings, 100, 250, alone);
    EXPECT_EQ(out.substr(6), alone);
    Readings decoded = SomeReadings(2).make(1, 14, 20);  // what was there goes
    ASSERT_TRUE(decode_one(alone, decoded));
    expect_same(decoded, readings, 100, 250);
}

TEST(Block, EqualTextsShareTheirBytes) {
    Readings readings;
    for (int i = 0; i < 1000; ++i) readings.push(i, Value::of(std::string_view(i % 2 == 0 ? "open" : "closed")));
    Readings decoded;
    ASSERT_TRUE(decode_one(encoded(readings), decoded));
    EXPECT_EQ(decoded.text, "openclosed");
    expect_same(decoded, readings, 0, readings.size());
}

TEST(Block, LongTexts) {
    Readings readings;
    std::mt19937_64 random(5);
    for (int i = 0; i < 4; ++i) {
        std::string text(kBlockTextBytesMax / 4, 'a');
        for (std::size_t at = 0; at < text.size(); at += 1 + random() % 100) text[at] = static_cast<char>(random());
        readings.push(i, Value::of(std::string_view(text)));
    }
    expect_round_trip(readings);
}

TEST(Block, IsSmall) {
    const Readings constant = SomeReadings(1).make(6, 0, 4000);
    EXPECT_LT(encoded(constant).size(), 50u);
    const Readings house = SomeReadings(1).make(4, 1, 4000);  // 40 even places in the grid: 5.3 bits; 5 values: 2.3
    EXPECT_LT(encoded(house).size(), 4000u);
    const Readings random = SomeReadings(1).make(3, 4, 4000);
    EXPECT_LT(encoded(random).size(), 4000u * 8 + 300);
}

TEST(BlockDeath, StopsAtOurOwnMistakes) {
    Readings readings = SomeReadings(1).make(4, 1, 3);
    std::string out;
    EXPECT_DEATH(encode_one(readings, 1, 1, out), "BUG");
    EXPECT_DEATH(encode_one(readings, 0, 4, out), "BUG");
    readings.kinds[2] = ValueKind::boolean;
    EXPECT_DEATH(encode_one(readings, 0, 3, out), "BUG.*one type");
    readings.kinds[2] = ValueKind::float64;
    readings.times[2] = readings.times[1];
    EXPECT_DEATH(encode_one(readings, 0, 3, out), "BUG.*ascend");
}

}  // namespace
}  // namespace pomiar::storage
