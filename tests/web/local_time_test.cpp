#include "web/own_pages/local_time.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "web/own_pages/page_queries.hpp"

namespace pomiar::web {
namespace {

class LocalTime : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const char* zone = std::getenv("TZ")) before_ = zone;
    }
    void TearDown() override {
        before_ ? setenv("TZ", before_->c_str(), 1) : unsetenv("TZ");
        tzset();
    }
    static void live_in(const char* zone) {
        setenv("TZ", zone, 1);
        tzset();
    }
    static std::string start(CalendarUnit unit, std::string_view time, int count = 0) {
        return format_time(start_of(unit, *parse_time(time), count));
    }
    static constexpr const char* kWarsaw = "CET-1CEST,M3.5.0,M10.5.0/3";

  private:
    std::optional<std::string> before_;
};

using enum CalendarUnit;

TEST_F(LocalTime, BeginsDaysAtMidnight) {
    live_in(kWarsaw);
    EXPECT_EQ(start(day, "2026-11-23T18:00:00Z"), "2026-11-22T23:00:00Z");
    EXPECT_EQ(start(day, "2026-11-22T23:00:00Z"), "2026-11-22T23:00:00Z");
    EXPECT_EQ(start(day, "2026-11-22T22:59:59.999Z"), "2026-11-21T23:00:00Z");
    EXPECT_EQ(start(day, "2026-07-01T12:00:00Z"), "2026-06-30T22:00:00Z");
}

TEST_F(LocalTime, HasDaysOf23And25Hours) {
    live_in(kWarsaw);
    EXPECT_EQ(start(day, "2026-03-29T12:00:00Z"), "2026-03-28T23:00:00Z");
    EXPECT_EQ(start(day, "2026-03-29T12:00:00Z", 1), "2026-03-29T22:00:00Z");
    EXPECT_EQ(start(day, "2026-10-25T12:00:00Z"), "2026-10-24T22:00:00Z");
    EXPECT_EQ(start(day, "2026-10-25T12:00:00Z", 1), "2026-10-25T23:00:00Z");
}

TEST_F(LocalTime, BeginsADayWithoutMidnightAfterTheGap) {
    live_in("<-03>3<-02>,M10.3.0/0,M2.3.0/0");  // as Brazil once had it: 00:00 becomes 01:00
    EXPECT_EQ(start(day, "2026-10-18T15:00:00Z"), "2026-10-18T03:00:00Z");
    EXPECT_EQ(start(day, "2026-10-17T15:00:00Z", 1), "2026-10-18T03:00:00Z");
    EXPECT_EQ(start(day, "2026-02-14T15:00:00Z", 1), "2026-02-15T03:00:00Z")
        << "the later of two midnights is no new day";
}

TEST_F(LocalTime, KnowsZonesOfHalfHours) {
    live_in("IST-5:30");
    EXPECT_EQ(start(day, "2026-11-23T18:00:00Z"), "2026-11-22T18:30:00Z");
    EXPECT_EQ(start(hour, "2026-11-23T18:00:00Z"), "2026-11-23T17:30:00Z");
}

TEST_F(LocalTime, BeginsWeeksOnMondayAndMonthsOnTheFirst) {
    live_in("UTC0");
    EXPECT_EQ(start(week, "2026-11-29T23:59:59Z"), "2026-11-23T00:00:00Z");
    EXPECT_EQ(start(week, "2026-11-23T00:00:00Z", -1), "2026-11-16T00:00:00Z");
    EXPECT_EQ(start(month, "2026-11-23T18:00:00Z"), "2026-11-01T00:00:00Z");
    EXPECT_EQ(start(month, "2026-12-31T18:00:00Z", 1), "2027-01-01T00:00:00Z");
    EXPECT_EQ(start(month, "2026-01-31T18:00:00Z", 1), "2026-02-01T00:00:00Z");
}

TEST_F(LocalTime, GoesOnWithEachUnit) {
    live_in(kWarsaw);
    for (const CalendarUnit unit : {hour, day, week, month}) {
        Nanoseconds at = start_of(unit, *parse_time("2026-01-01T00:00:00Z"));
        for (int i = 0; i < 400; ++i) {
            const Nanoseconds next = start_of(unit, at, 1);
            ASSERT_GT(next, at) << format_time(at);
            ASSERT_EQ(start_of(unit, next - 1), at);
            at = next;
        }
    }
}

TEST_F(LocalTime, BeginsUnitsBefore1970) {
    live_in("UTC0");
    EXPECT_EQ(start(day, "1969-12-31T23:59:59Z"), "1969-12-31T00:00:00Z");
    EXPECT_EQ(start(day, "1969-12-31T00:00:00Z"), "1969-12-31T00:00:00Z");
    EXPECT_EQ(start(day, "1969-12-31T12:00:00Z", 1), "1970-01-01T00:00:00Z");
    EXPECT_EQ(start(hour, "1969-12-31T23:59:59.5Z"), "1969-12-31T23:00:00Z");
    EXPECT_EQ(start(month, "1960-02-29T12:00:00Z"), "1960-02-01T00:00:00Z");
    EXPECT_EQ(start(week, "1969-12-31T12:00:00Z"), "1969-12-29T00:00:00Z");
    live_in(kWarsaw);
    EXPECT_EQ(start(day, "1969-12-31T12:00:00Z"), "1969-12-30T23:00:00Z");
    EXPECT_EQ(start(day, "1970-01-01T12:00:00Z"), "1969-12-31T23:00:00Z");
}

TEST_F(LocalTime, StopsAtTheEndsOfTime) {
    constexpr Nanoseconds kFirst = std::numeric_limits<Nanoseconds>::min();
    constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();
    for (const char* zone : {"UTC0", kWarsaw, "<+14>-14", "<-12>12"}) {
        SCOPED_TRACE(zone);
        live_in(zone);
        for (const CalendarUnit unit : {hour, day, week, month}) {
            EXPECT_EQ(start_of(unit, kFirst), kFirst);
            EXPECT_GT(start_of(unit, kFirst, 2), kFirst);
            EXPECT_LE(start_of(unit, kLast), kLast);
            EXPECT_GT(start_of(unit, kLast), kLast - 32 * kDay);
            EXPECT_EQ(start_of(unit, kLast, 2), kLast);
            for (const storage::TimeRange range :
                 {storage::TimeRange{kLast - 60 * kDay, kLast}, storage::TimeRange{kFirst, kFirst + 60 * kDay}}) {
                const auto bounds = calendar_bounds(unit, range);
                if (!bounds) continue;  // more hours than are told
                EXPECT_LE(bounds->front(), range.from);
                EXPECT_GE(bounds->back(), range.to);
                EXPECT_TRUE(std::ranges::is_sorted(*bounds, std::less_equal<>()));
            }
        }
    }
    EXPECT_EQ(equal_bounds({kFirst, kLast}, 2), (std::vector<Nanoseconds>{kFirst, 0, kLast}));
    EXPECT_EQ(equal_bounds({0, 10}, 3), (std::vector<Nanoseconds>{0, 4, 8, 10}));
    EXPECT_EQ(equal_bounds({0, 2}, 3), (std::vector<Nanoseconds>{0, 1, 2}));
}

TEST_F(LocalTime, WritesTimes) {
    live_in(kWarsaw);
    const Nanoseconds time = *parse_time("2026-11-23T18:04:05Z");
    EXPECT_EQ(format_local_time(time, "%Y-%m-%d %H:%M:%S").value(), "2026-11-23 19:04:05");
    EXPECT_EQ(format_local_time(time, "%A %-").error().kind, ErrorKind::invalid);
    EXPECT_EQ(format_local_time(time, "%a %b %e, %F %T %R %u %Z %z 100%%").value(),
              "Mon Nov 23, 2026-11-23 19:04:05 19:04 1 CET +0100 100%");
    EXPECT_FALSE(format_local_time(time, "%"));
    EXPECT_FALSE(format_local_time(time, "%c"));
    EXPECT_FALSE(format_local_time(time, std::string(kTimeFormatBytesMax + 1, 'x')));
    EXPECT_EQ(format_local_time(-1, "%F %T").value(), "1970-01-01 00:59:59");
    EXPECT_TRUE(format_local_time(std::numeric_limits<Nanoseconds>::min(), "%F"));
    EXPECT_TRUE(format_local_time(std::numeric_limits<Nanoseconds>::max(), "%F"));
}

}  // namespace
}  // namespace pomiar::web
