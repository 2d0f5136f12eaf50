#include "storage/journal/packed.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "storage/journal/points.hpp"

namespace pomiar::storage {
namespace {

struct Point {
    SeriesId series;
    Nanoseconds time;
    Value value;

    bool operator==(const Point&) const = default;
};

constexpr Nanoseconds kNow = 1'795'456'800'000'000'000;
constexpr Nanoseconds kMillisecond = 1'000'000;

std::string write(const std::vector<Point>& points) {
    std::string bytes;
    PackedMemory memory;
    for (const Point& point : points) write_packed(bytes, memory, point.series, point.time, point.value);
    return bytes;
}

// Texts are borrowed from `bytes`.
Result<std::vector<Point>> read(std::string_view bytes) {
    std::vector<Point> points;
    ByteReader reader(bytes);
    auto done = read_packed(reader, [&](SeriesId series, Nanoseconds time, const Value& value) {
        points.push_back({series, time, value});
        return Result<>();
    });
    if (!done) return failure(std::move(done));
    return points;
}

void expect_exact(const std::vector<Point>& points) {
    const std::string bytes = write(points);
    const auto back = read(bytes);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->size(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i) ASSERT_EQ((*back)[i], points[i]) << "reading " << i;
}

TEST(Packed, NumbersThatAreHardToTell) {
    std::vector<Point> points;
    using Double = std::numeric_limits<double>;
    const double doubles[] = {0.0,
                              -0.0,
                              21.5,
                              21.4,
                              -21.4,
                              0.1,
                              1e-9,
                              123456.789,
                              1e300,
                              70368744177663.0,
                              70368744177664.0,
                              -70368744177664.0,
                              1.0 / 3,
                              Double::infinity(),
                              -Double::infinity(),
                              Double::quiet_NaN(),
                              Double::denorm_min(),
                              Double::max(),
                              0.30000000000000004,
                              21.5,
                              5,
                              5};
    for (const double value : doubles) points.push_back({1, kNow, Value::of(value)});
    for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                                     std::int64_t{0}, std::int64_t{-1}}) {
        points.push_back({1, kNow, Value::of(value)});
    }
    for (const std::uint64_t value : {std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), std::uint64_t{7}}) {
        points.push_back({1, kNow, Value::of(value)});
        points.push_back({1, kNow, Value::of(static_cast<double>(value))});
    }
    points.push_back({1, kNow, Value::of(std::string_view("7"))});
    points.push_back({1, kNow, Value::of(std::string_view("7"))});
    points.push_back({1, kNow, Value::of(true)});
    points.push_back({1, kNow, Value::of(true)});
    points.push_back({1, kNow, Value::of(false)});
    expect_exact(points);
}

TEST(Packed, TimesOfEveryKind) {
    std::vector<Point> points;
    for (const Nanoseconds time :
         {kNow, kNow, kNow + kMillisecond, kNow + 5 * kMillisecond, kNow + 9 * kMillisecond, kNow + 14 * kMillisecond,
          kNow - 3 * kMillisecond, kNow + 1, kNow - 1, kNow - 1 + kDay, Nanoseconds{0},
          std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max(), kNow}) {
        points.push_back({3, time, Value::of(1.5)});
    }
    expect_exact(points);
}

TEST(Packed, AnyReadingsOfAnySeriesComeBackExactly) {
    std::mt19937_64 random(9);
    for (int round = 0; round < 300; ++round) {
        const SeriesId series = round % 3 == 0 ? 0xffff'ffff : round % 3 == 1 ? 6000 : 20;  // 6,000 share places
        std::vector<Point> points;
        Nanoseconds time = kNow;
        for (int i = 0; i < 400; ++i) {
            const auto id = static_cast<SeriesId>(1 + random() % series);
            Value value{static_cast<ValueKind>(random() % 5), random() >> (random() % 64), {}};
            if (value.kind == ValueKind::boolean) value.bits &= 1;
            if (value.kind == ValueKind::text) value = Value::of(std::string_view("some text").substr(random() % 9));
            if (random() % 3 == 0) value = Value::of(static_cast<double>(random() % 100) / 10);
            const std::uint64_t step = random() % 4 == 0 ? random() : random() % 20 * kMillisecond;
            time = static_cast<Nanoseconds>(static_cast<std::uint64_t>(time) + step);  // it may wrap around
            points.push_back({id, time, value});
        }
        expect_exact(points);
    }
}

// What the house's devices send: 5 sensors together, 10 devices, each every 10 s.
std::vector<Point> house(int rounds) {
    std::vector<Point> points;
    for (int round = 0; round < rounds; ++round) {
        for (SeriesId device = 0; device < 10; ++device) {
            for (SeriesId sensor = 0; sensor < 5; ++sensor) {
                const auto seconds = round * 10 + static_cast<Nanoseconds>(device);
                const Nanoseconds time =
                    kNow + seconds * kSecond + (round % 3 + static_cast<Nanoseconds>(sensor)) * kMillisecond;
                const Value value =
                    sensor == 4
                        ? Value::of(std::int64_t{round / 50 % 2})
                        : Value::of((200 + static_cast<double>((round * 7 + static_cast<int>(sensor)) % 3)) / 10);
                points.push_back({device * 5 + sensor + 1, time, value});
            }
        }
    }
    return points;
}

TEST(Packed, AHouseTakesTwoBytesAReading) {
    const auto hour = house(360);
    EXPECT_LT(static_cast<double>(write(hour).size()) / static_cast<double>(hour.size()), 2.5);
    const auto ten_seconds = house(1);
    EXPECT_LT(static_cast<double>(write(ten_seconds).size()) / static_cast<double>(ten_seconds.size()), 6);
    expect_exact(hour);
}

TEST(Packed, BytesThatNobodyWroteAreRefusedOrRead) {
    std::mt19937_64 random(2);
    const std::string bytes = write(house(3));
    for (int round = 0; round < 20'000; ++round) {
        std::string changed = bytes;
        changed.resize(random() % bytes.size());
        for (auto count = random() % 3; count > 0 && !changed.empty(); --count) {
            changed[random() % changed.size()] = static_cast<char>(random());
        }
        if (const auto back = read(changed); !back) {
            EXPECT_EQ(back.error().kind, ErrorKind::corrupt);
        }
    }
}

TEST(Packed, ANewPayloadKnowsNothingOfTheOneBefore) {
    PointsPayload payload;
    payload.add(7, kNow, Value::of(21.5));
    payload.add(7, kNow + kSecond, Value::of(21.5));
    const std::string first(payload.bytes());
    payload.clear();
    payload.add(7, kNow, Value::of(21.5));
    payload.add(7, kNow + kSecond, Value::of(21.5));
    EXPECT_EQ(payload.bytes(), first);
}

TEST(MergePayloads, KeepsTheOrderAndTakesFewerBytes) {
    std::vector<std::string> payloads{series_payload({1, "a", "t", SeriesType::number})};
    PointsPayload points;
    for (int i = 0; i < 20; ++i) {
        points.add(1, kNow + i * kSecond, Value::of(21.5));
        payloads.emplace_back(points.bytes());
        points.clear();
    }
    payloads.emplace_back("\x04whatever it is");
    points.add(1, kNow, Value::of(19.0));
    payloads.emplace_back(points.bytes());
    std::vector<std::string> merged;
    ASSERT_TRUE(merge_payloads({payloads.begin(), payloads.end()},
                               [&](std::string_view payload) { merged.emplace_back(payload); }));
    ASSERT_EQ(merged.size(), 4u);
    EXPECT_EQ(merged[0], payloads[0]);
    EXPECT_EQ(merged[2], payloads[21]);
    EXPECT_EQ(merged[3], payloads[22]);
    const auto back = read(std::string_view(merged[1]).substr(1));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), 20u);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ((*back)[static_cast<std::size_t>(i)], (Point{1, kNow + i * kSecond, Value::of(21.5)}));
    EXPECT_LT(merged[1].size(), 80u);
}

class Collect final : public PointsVisitor {
  public:
    Result<> point(SeriesId series, Nanoseconds time, const Value& value) override {
        points.push_back({series, time, value});
        return {};
    }
    std::vector<Point> points;
};

// Bytes that every later version must read, and that this one writes.
TEST(Packed, GoldenSegmentIsReadForever) {
    const auto bytes = read_whole(real_file_system(), POMIAR_SOURCE_DIR "/tests/golden/journal-v1-packed.bin", 1024);
    ASSERT_TRUE(bytes);
    ASSERT_EQ(parse_segment_header(*bytes), 1u);
    Collect collect;
    const SegmentContents contents = read_segment(
        *bytes, 1, [&](Position, std::string_view payload) { EXPECT_TRUE(read_payload(payload, collect)); });
    EXPECT_TRUE(contents.damaged.empty());
    const std::vector<Point> expected{{1, kNow, Value::of(21.5)},
                                      {2, kNow + 2 * kMillisecond, Value::of(std::int64_t{-3})},
                                      {1, kNow + 10 * kSecond, Value::of(21.5)},
                                      {2, kNow + 10 * kSecond + 1, Value::of(1.0 / 3)},
                                      {3, kNow - kSecond, Value::of(true)},
                                      {9, kNow, Value::of(std::string_view("open"))},
                                      {1, kNow + 20 * kSecond, Value::of(21.4)}};
    EXPECT_EQ(collect.points, expected);

    std::string written = segment_header(1);
    append_frame(written, position(1, written.size()), series_payload({1, "a", "t", SeriesType::number}));
    PointsPayload payload;
    for (const Point& point : expected) payload.add(point.series, point.time, point.value);
    append_frame(written, position(1, written.size()), payload.bytes());
    written.resize(bytes->size(), '\0');
    EXPECT_EQ(written, *bytes);
}

}  // namespace
}  // namespace pomiar::storage
