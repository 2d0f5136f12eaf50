#include "upkeep/backup_calendar.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

Nanoseconds at(std::string_view text) {
    return *parse_time(text);
}

class BackupCalendar : public ::testing::Test {
  protected:
    static void zone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~BackupCalendar() override {
        ::unsetenv("TZ");
        ::tzset();
    }
};

TEST_F(BackupCalendar, IsNamedByTheDayItWasDue) {
    zone("UTC");
    EXPECT_EQ(due_backup(at("2026-11-23T03:00:00Z"), {3, 0}), "pomiar-2026-11-23.db");
    EXPECT_EQ(due_backup(at("2026-11-23T02:59:59Z"), {3, 0}), "pomiar-2026-11-22.db");
    EXPECT_EQ(due_backup(at("2026-11-23T23:59:59Z"), {3, 0}), "pomiar-2026-11-23.db");
    EXPECT_EQ(due_backup(at("2027-01-01T00:00:00Z"), {0, 1}), "pomiar-2026-12-31.db");
}

TEST_F(BackupCalendar, GoesByTheMachinesZone) {
    zone("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(due_backup(at("2026-11-23T02:00:00Z"), {3, 0}), "pomiar-2026-11-23.db");
    EXPECT_EQ(due_backup(at("2026-11-23T01:59:00Z"), {3, 0}), "pomiar-2026-11-22.db");
    EXPECT_EQ(next_due(at("2026-11-23T01:59:00Z"), {3, 0}), at("2026-11-23T02:00:00Z"));
    EXPECT_EQ(next_due(at("2026-11-23T02:00:00Z"), {3, 0}), at("2026-11-24T02:00:00Z"));
}

TEST_F(BackupCalendar, ADayWithoutThatHourHasABackupToo) {
    zone("CET-1CEST,M3.5.0,M10.5.0/3");  // on 2026-03-29 two o'clock is three o'clock
    EXPECT_EQ(next_due(at("2026-03-28T12:00:00Z"), {2, 30}), at("2026-03-29T01:30:00Z"));
    EXPECT_EQ(due_backup(at("2026-03-29T12:00:00Z"), {2, 30}), "pomiar-2026-03-29.db");
    EXPECT_EQ(next_due(at("2026-03-29T12:00:00Z"), {2, 30}), at("2026-03-30T00:30:00Z"));
}

TEST_F(BackupCalendar, KnowsItsOwnNames) {
    EXPECT_TRUE(is_backup_name("pomiar-2026-11-23.db"));
    for (const char* other : {"pomiar.db", "pomiar-2026-11-23.db.part", "pomiar-2026-11-23.DB", "xpomiar-2026-11-23.db",
                              "pomiar-26-11-23.db", "pomiar-2026-11-2a.db", "pomiar-holiday-1.db", ""}) {
        EXPECT_FALSE(is_backup_name(other)) << other;
    }
}

TEST_F(BackupCalendar, ReadsTimesOfDay) {
    EXPECT_EQ(format_time_of_day(*parse_time_of_day("03:05")), "03:05");
    EXPECT_EQ(format_time_of_day(*parse_time_of_day("23:59")), "23:59");
    for (const char* wrong : {"24:00", "03:60", "3:00", "03:00:00", "0300", "", "ab:cd", "-1:00", "03;00"}) {
        EXPECT_FALSE(parse_time_of_day(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace pomiar::upkeep
