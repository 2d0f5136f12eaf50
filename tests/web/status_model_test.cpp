#include "web/pages/status_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace pomiar::web {
namespace {

using pomiar::test::kNow;
using testing::HasSubstr;
using testing::Not;

StatusFigures calm() {
    StatusFigures figures;
    figures.now = kNow;
    figures.running = kHour;
    figures.memory = 20u << 20;
    figures.backup = BackupState{.to = "/mnt/stick", .last = {}, .next = {}, .trouble = ""};
    return figures;
}

std::string shown(const StatusFigures& figures, const OwnerFacts& facts = {.memory_limit = 48u << 20}) {
    return status_value(figures, facts, english()).print();
}

TEST(StatusModel, SaysNothingIsWrongWhenNothingIs) {
    EXPECT_EQ(status_value(calm(), {}, english()).find("warnings")->size(), 0u);
    EXPECT_THAT(shown(calm()), HasSubstr("20.0 MiB"));
    EXPECT_THAT(shown(calm()), HasSubstr("planned for 48.0 MiB"));
}

TEST(StatusModel, NamesWhatIsWrongAndWhatToDo) {
    auto figures = calm();
    figures.store.healthy = false;
    figures.store.trouble = "No space left on device";
    figures.store.time_known = false;
    figures.store.ahead = 1;
    figures.store.longest_sync_took = 3 * kSecond;
    figures.backup->trouble = "the stick is not in";
    figures.log_lines_lost = 1;
    figures.memory = 100u << 20;
    FlashState flash{};
    flash.fstab_line = "UUID=x / ext4 noatime";
    figures.flash = flash;
    const std::string text = shown(figures);
    for (const char* part :
         {"Readings cannot be stored.", "No space left on device", "The time is not known.",
          "claim a time that has not come", "The card was slow.", "The daily backup is not there.",
          "the stick is not in", "Lines of the log were lost.", "more memory than planned", "UUID=x / ext4 noatime"})
        EXPECT_THAT(text, HasSubstr(part));
    figures.backup.reset();
    EXPECT_THAT(shown(figures), HasSubstr("No backups are made."));
}

TEST(StatusModel, ReckonsHowLongACardLasts) {
    FlashState flash{};
    flash.since = kNow - kDay;
    flash.disk_bytes = 32'000'000'000;
    flash.disk_written = 40'000'000;
    EXPECT_NEAR(card_years(flash, kNow).value(), 274, 1) << "800 days a round, 500 rounds, divided by four";
    flash.disk_written = 2'000'000'000;
    EXPECT_NEAR(card_years(flash, kNow).value(), 5.5, 0.1);
    flash.since = kNow - kMinute;
    EXPECT_FALSE(card_years(flash, kNow)) << "too early to tell";
    flash.since = kNow - kDay;
    flash.disk_bytes = 0;
    EXPECT_FALSE(card_years(flash, kNow));
}

TEST(StatusModel, WritesRatesAsPeopleDo) {
    auto figures = calm();
    figures.readings_each_second = 0.0167;
    EXPECT_THAT(shown(figures), HasSubstr("'0.02 a second'"));
    figures.readings_each_second = 5.04;
    EXPECT_THAT(shown(figures), HasSubstr("'5.0 a second'"));
    figures.readings_each_second = 140'812;
    EXPECT_THAT(shown(figures), HasSubstr("140\\u202f812 a second"));
}

TEST(StatusModel, LeavesOutLevelsWithoutReadings) {
    auto figures = calm();
    EXPECT_THAT(shown(figures), Not(HasSubstr("Raw readings")));
    figures.store.levels[0] = {.blocks = 1, .count = 1000, .bytes = 2000, .oldest = kNow - kDay};
    EXPECT_THAT(shown(figures), HasSubstr("Raw readings"));
}

}  // namespace
}  // namespace pomiar::web
