#include "query/number.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/infinity.hpp"

namespace pomiar::query {
namespace {

using storage::Value;
constexpr auto kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr auto kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr auto kUint64Max = std::numeric_limits<std::uint64_t>::max();
using pomiar::test::kInfinity;

TEST(Numbers, AreOrderedAcrossTheirForms) {
    const std::vector<Value> ascending{
        Value::of(-kInfinity),
        Value::of(-0x1.0000000000001p63),
        Value::of(kInt64Min),
        Value::of(kInt64Min + 1),
        Value::of(-1.5),
        Value::of(std::int64_t{-1}),
        Value::of(false),
        Value::of(0.5),
        Value::of(true),
        Value::of(0x1p53),
        Value::of((std::int64_t{1} << 53) + 1),
        Value::of(0x1p53 + 2),
        Value::of(kInt64Max - 1),
        Value::of(static_cast<std::uint64_t>(kInt64Max)),
        Value::of(0x1p63),
        Value::of((std::uint64_t{1} << 63) + 1),
        Value::of(kUint64Max),
        Value::of(0x1p64),
        Value::of(kInfinity),
    };
    for (std::size_t a = 0; a < ascending.size(); ++a) {
        for (std::size_t b = 0; b < ascending.size(); ++b) {
            EXPECT_EQ(less(ascending[a], ascending[b]), a < b) << a << " and " << b;
        }
    }
}

TEST(Numbers, EqualOnesAreNotLess) {
    const std::vector<Value> fours{Value::of(4.0), Value::of(std::int64_t{4}), Value::of(std::uint64_t{4})};
    for (const Value& a : fours) {
        for (const Value& b : fours) EXPECT_FALSE(less(a, b));
    }
    EXPECT_FALSE(less(Value::of(kInt64Min), Value::of(-0x1p63)));
    EXPECT_FALSE(less(Value::of(-0x1p63), Value::of(kInt64Min)));
    EXPECT_FALSE(less(Value::of(-0.0), Value::of(0.0)));
}

TEST(Numbers, DifferencesAreRoundedOnce) {
    EXPECT_EQ(difference(Value::of(kInt64Max), Value::of(kInt64Max - 1)), 1);
    EXPECT_EQ(difference(Value::of(kUint64Max - 3), Value::of(kUint64Max)), -3);
    EXPECT_EQ(difference(Value::of(kInt64Max), Value::of(kInt64Min)), 0x1p64);
    EXPECT_EQ(difference(Value::of((std::uint64_t{1} << 63) + 1), Value::of(kInt64Max)), 2);
    EXPECT_EQ(difference(Value::of(std::int64_t{-1}), Value::of(std::uint64_t{1})), -2);
    EXPECT_EQ(difference(Value::of(2.5), Value::of(std::int64_t{1})), 1.5);
}

TEST(Sum, KeepsWhatAPlainOneLoses) {
    Sum sum;
    for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.add(term);
    EXPECT_EQ(sum.value(), 2);
    Sum tenths;
    for (int i = 0; i < 1'000'000; ++i) tenths.add(0.1);
    EXPECT_EQ(tenths.value(), 100'000);
}

TEST(Sum, PastTheRangeIsInfinite) {
    Sum sum;
    for (const double term : {1e308, 1e308, 5.0}) sum.add(term);
    EXPECT_EQ(sum.value(), kInfinity);
}

}  // namespace
}  // namespace pomiar::query
