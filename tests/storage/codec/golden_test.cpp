// Blocks as released versions wrote them; they must be readable forever. Never write a golden file anew: a new format
// version gets files of its own.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "storage/codec/block.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kStart = 1'704'067'200 * kSecond;

// A reading of each kind of block; i counts from 0.
using Fill = void (*)(Readings& readings, int i);

struct Golden {
    const char* name;
    int count;
    Fill fill;
};

constexpr Golden kGolden[] = {
    {"decimals", 500,
     [](Readings& r, int i) {
         r.push(kStart + i * 10 * kSecond + i * 7 % 40 * kMillisecond, Value::of((210 + i * i % 7) / 10.0));
     }},
    {"doubles", 40,
     [](Readings& r, int i) {
         const std::uint64_t number = 0x9e37'79b9'7f4a'7c15 * (static_cast<unsigned>(i) + 1u);
         r.push(kStart + i * i * 1'000'003, {ValueKind::float64, (number ^ number >> 29) * 0xbf58'476d'1ce4'e5b9, {}});
     }},
    {"exceptions", 300,
     [](Readings& r, int i) {
         const double value = i % 100 == 50 ? -0.0 : i % 4 / 4.0;
         r.push(kStart + i * kSecond + (i > 150 ? 3600 * kSecond : 0), Value::of(value));
     }},
    {"counter", 1000, [](Readings& r, int i) { r.push(i * 300 * kSecond, Value::of(std::int64_t{i} * i / 50)); }},
    {"steps", 600,
     [](Readings& r, int i) {
         r.push(i * (i + 1) / 2 * kSecond, Value::of(~std::uint64_t{i * 37 % 11 < 3 ? 2u : 0u}));
     }},
    {"booleans", 700, [](Readings& r, int i) { r.push(i - 350, Value::of(i / 90 % 2 == 0)); }},
    {"mixed", 90,
     [](Readings& r, int i) {
         if (i % 3 == 0) r.push(i * kSecond, Value::of(i / 2.0));
         if (i % 3 == 1) r.push(i * kSecond, Value::of(std::int64_t{-i}));
         if (i % 3 == 2) r.push(i * kSecond, Value::of(static_cast<std::uint64_t>(i)));
     }},
    {"texts", 200,
     [](Readings& r, int i) {
         constexpr const char* kStates[] = {"heating", "idle", "", "nie dzia\xc5\x82\x61"};
         r.push(kStart + i * 60 * kSecond, Value::of(std::string_view(kStates[i / 7 % 4])));
     }},
    {"one", 1, [](Readings& r, int) { r.push(-1, Value::of(22.5)); }},
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class GoldenBlock : public testing::TestWithParam<Golden> {};

TEST_P(GoldenBlock, IsReadable) {
    const Golden& golden = GetParam();
    Readings readings;
    for (int i = 0; i < golden.count; ++i) golden.fill(readings, i);
    const std::string path = std::string(POMIAR_SOURCE_DIR "/tests/golden/block-v1-") + golden.name + ".bin";
    Readings decoded;
    const auto result = decode_block(read_file(path), decoded);
    ASSERT_TRUE(result) << path << ": " << result.error().message;
    ASSERT_EQ(decoded.times, readings.times);
    ASSERT_EQ(decoded.kinds, readings.kinds);
    for (std::size_t i = 0; i < readings.size(); ++i) ASSERT_EQ(decoded.value(i), readings.value(i)) << i;
}
INSTANTIATE_TEST_SUITE_P(V1, GoldenBlock, testing::ValuesIn(kGolden),
                         [](const auto& instance) { return std::string(instance.param.name); });

// The example of docs/formats/block.md, byte for byte.
TEST(Golden, ExampleOfTheFormatPage) {
    Readings readings;
    readings.push(kStart + 47 * kMillisecond, Value::of(18.3));
    readings.push(kStart + 10'049 * kMillisecond, Value::of(18.3));
    readings.push(kStart + 20'041 * kMillisecond, Value::of(18.4));
    readings.push(kStart + 30'052 * kMillisecond, Value::of(18.3));
    std::string block;
    encode_block(readings, 0, readings.size(), block);
    const std::string page = read_file(POMIAR_SOURCE_DIR "/docs/formats/block.md");
    std::string hex;
    for (const char byte : block) {
        constexpr const char* kDigits = "0123456789abcdef";
        hex += {kDigits[static_cast<unsigned char>(byte) >> 4], kDigits[byte & 15], ' '};
    }
    hex.pop_back();
    EXPECT_NE(page.find("`" + hex + "`"), std::string::npos) << hex;
}

}  // namespace
}  // namespace pomiar::storage
