// Blocks as released versions wrote them; they must be readable forever. Never write a golden file anew: a new format
// version gets files of its own.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "storage/codec/block.hpp"
#include "storage/codec/one_column.hpp"

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
    const std::string bytes = read_file(path);
    const auto view = BlockView::open(bytes);
    ASSERT_TRUE(view) << path << ": " << view.error().message;
    Readings decoded;
    const auto result = view->read(0, decoded);
    ASSERT_TRUE(result) << path << ": " << result.error().message;
    ASSERT_EQ(decoded.times, readings.times);
    ASSERT_EQ(decoded.kinds, readings.kinds);
    for (std::size_t i = 0; i < readings.size(); ++i) ASSERT_EQ(decoded.value(i), readings.value(i)) << i;
}
INSTANTIATE_TEST_SUITE_P(V1, GoldenBlock, testing::ValuesIn(kGolden),
                         [](const auto& instance) { return std::string(instance.param.name); });

// Five sensors of one device: each a little later than the first, the third not always.
std::vector<Readings> golden_device() {
    std::vector<Readings> sensors(5);
    for (int i = 0; i < 700; ++i) {
        const Nanoseconds report = kStart + i * 10 * kSecond + i * 7 % 40 * kMillisecond;
        for (int s = 0; s < 5; ++s) {
            if (s == 2 && i % 50 == 20) continue;
            const Nanoseconds at = report + (i * (s + 3) % 3) * (s > 3 ? 0 : 1) * kMillisecond;
            if (s == 4) {
                sensors[4].push(at, Value::of(i / 90 % 2 == 0));
            } else {
                sensors[static_cast<std::size_t>(s)].push(at, Value::of((210 + i * i % (7 + s)) / 10.0));
            }
        }
    }
    return sensors;
}

TEST(GoldenV2, ADeviceIsReadable) {
    const std::string bytes = read_file(POMIAR_SOURCE_DIR "/tests/golden/block-v2-device.bin");
    const auto view = BlockView::open(bytes);
    ASSERT_TRUE(view) << view.error().message;
    const std::vector<Readings> device = golden_device();
    ASSERT_EQ(view->columns().size(), device.size());
    for (std::size_t i = 0; i < device.size(); ++i) {
        EXPECT_EQ(view->columns()[i].series, 10 + i);
        Readings found;
        ASSERT_TRUE(view->read(i, found));
        EXPECT_EQ(found.times, device[i].times);
        EXPECT_EQ(found.bits, device[i].bits);
        EXPECT_EQ(found.kinds, device[i].kinds);
    }
}

TEST(GoldenV2, RollUpsAreReadable) {
    const std::string bytes = read_file(POMIAR_SOURCE_DIR "/tests/golden/block-v2-roll-ups.bin");
    const auto view = BlockView::open(bytes);
    ASSERT_TRUE(view) << view.error().message;
    EXPECT_EQ(view->level(), Level::five_minutes);
    const std::vector<Readings> device = golden_device();
    ASSERT_EQ(view->columns().size(), device.size());
    for (std::size_t i = 0; i < device.size(); ++i) {
        RollUps expected;
        roll_up(device[i], 0, device[i].size(), Level::five_minutes, expected);
        RollUps found;
        ASSERT_TRUE(view->read(i, found));
        EXPECT_EQ(found.times, expected.times);
        EXPECT_EQ(found.counts, expected.counts);
        EXPECT_EQ(found.figures, expected.figures);
    }
}

// The example of docs/formats/block.md, byte for byte.
TEST(Golden, ExampleOfTheFormatPage) {
    Readings readings;
    readings.push(kStart + 47 * kMillisecond, Value::of(18.3));
    readings.push(kStart + 10'049 * kMillisecond, Value::of(18.3));
    readings.push(kStart + 20'041 * kMillisecond, Value::of(18.4));
    readings.push(kStart + 30'052 * kMillisecond, Value::of(18.3));
    std::string block;
    encode_one(readings, 0, readings.size(), block);
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
