#include "query/chart.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "storage/snapshot.hpp"
#include "support/infinity.hpp"

namespace pomiar::query {
namespace {

constexpr Frame kFrame{0, 0, 100, 50};
using pomiar::test::kInfinity;

struct Columns {
    std::vector<Nanoseconds> times;
    std::vector<double> mean;
    std::vector<double> low;
    std::vector<double> high;

    Plot plot(storage::TimeRange range, std::uint64_t width) const { return {range, width, times, mean, low, high}; }
};

TEST(SparkLine, FillsItsFrame) {
    const Columns columns{{0, 10, 20}, {1, 3, 2}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 20}, 0), kFrame), "M0 50L50 0L100 25");
}

TEST(SparkLine, PutsBucketsInTheirMiddle) {
    const Columns columns{{0, 10, 20}, {1, 3, 2}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 40}, 10), kFrame), "M12.5 50L37.5 0L62.5 25");
}

TEST(SparkLine, BreaksWhereReadingsAreMissing) {
    const Columns columns{{0, 10, 20, 60, 70, 80}, {1, 1, 2, 2, 2, 3}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 100}, 0), kFrame), "M0 50L10 50L20 25M60 25L70 25L80 0");
}

TEST(SparkLine, DoesNotBreakASlowSensor) {
    // Buckets of 1, readings every 10: what is usual counts, not the bucket.
    const Columns columns{{0, 10, 20, 30}, {1, 2, 1, 2}, {}, {}};
    const std::string line = draw_spark_line(columns.plot({0, 40}, 1), kFrame);
    EXPECT_EQ(std::count(line.begin(), line.end(), 'M'), 1);
}

TEST(SparkLine, OfAConstantLiesInTheMiddle) {
    const Columns columns{{0, 10}, {7, 7}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 10}, 0), kFrame), "M0 25L100 25");
}

TEST(SparkLine, OfOneReadingIsADot) {
    const Columns columns{{5}, {7}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 10}, 0), kFrame), "M50 25h0");
}

TEST(SparkLine, LeavesOutWhatIsNoNumber) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Columns columns{{0, 2, 4, 6, 8}, {1, nan, kInfinity, -kInfinity, 2}, {}, {}};
    EXPECT_EQ(draw_spark_line(columns.plot({0, 8}, 0), kFrame), "M0 50L100 0");
    const Columns none{{0, 2}, {nan, nan}, {}, {}};
    EXPECT_EQ(draw_spark_line(none.plot({0, 8}, 0), kFrame), "");
}

TEST(Chart, HasLineBandAndGrid) {
    const Columns columns{{0, kMinute, 2 * kMinute}, {20, 21, 22}, {19, 20, 21}, {21, 22, 23}};
    const Chart chart = draw_chart(columns.plot({0, 3 * kMinute}, kMinute), {10, 0, 300, 100}, 0);
    EXPECT_EQ(chart.line, "M60 75L160 50L260 25");
    EXPECT_EQ(chart.band, "M60 50L160 25L260 0L260 50L160 75L60 100Z");
    ASSERT_EQ(chart.values.size(), 5);
    EXPECT_EQ(chart.values[0].label, "19");
    EXPECT_EQ(chart.values[0].at, 100);
    EXPECT_EQ(chart.values[4].label, "23");
    EXPECT_EQ(chart.values[4].at, 0);
    ASSERT_EQ(chart.times.size(), 3);
    EXPECT_EQ(chart.times[0].label, "Jan 1");
    EXPECT_EQ(chart.times[1].label, "00:01");
    EXPECT_EQ(chart.times[1].at, 110);
}

TEST(Chart, OfNothingHasOnlyTimes) {
    const Columns none;
    const Chart chart = draw_chart(none.plot({0, kHour}, kMinute), kFrame, 0);
    EXPECT_TRUE(chart.line.empty());
    EXPECT_TRUE(chart.band.empty());
    EXPECT_TRUE(chart.values.empty());
    EXPECT_FALSE(chart.times.empty());
}

TEST(Chart, StandsAllNumbersAndTimes) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 2'000; ++round) {
        Columns columns;
        for (std::size_t n = random() % 6; n > 0; --n) columns.times.push_back(static_cast<Nanoseconds>(random()));
        std::sort(columns.times.begin(), columns.times.end());
        for (std::size_t i = 0; i < columns.times.size(); ++i) {
            columns.mean.push_back(std::bit_cast<double>(random()));
            columns.low.push_back(std::bit_cast<double>(random()));
            columns.high.push_back(std::bit_cast<double>(random()));
        }
        const Chart chart = draw_chart(columns.plot(storage::kAllTime, random()), kFrame, 0);
        for (const std::string* text : {&chart.line, &chart.band}) {
            EXPECT_EQ(text->find_first_not_of("MLZh0123456789. -"), std::string::npos) << *text;
        }
        EXPECT_LE(chart.values.size(), 10);
    }
}

}  // namespace
}  // namespace pomiar::query
