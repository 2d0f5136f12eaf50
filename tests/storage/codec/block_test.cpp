#include "storage/codec/block.hpp"

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

TEST(Block, RoundTrip) {
    Readings readings;
    readings.push(1, Value::of(1.5));
    readings.push(2, Value::of(std::int64_t{-7}));
    readings.push(9, Value::of(std::uint64_t{7}));
    std::string out = "before";
    encode_block(readings, 0, 3, out);
    Readings back;
    ASSERT_TRUE(decode_block(std::string_view(out).substr(6), back));
    EXPECT_EQ(back.times, readings.times);
    EXPECT_EQ(back.bits, readings.bits);
    EXPECT_EQ(back.kinds, readings.kinds);
}

}  // namespace
}  // namespace pomiar::storage
