#include "base/trusted_time.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "base/trusted_clock.hpp"
#include "support/fake_clock.hpp"

namespace pomiar {
namespace {

const Nanoseconds kBuilt = *parse_time("2026-11-01T00:00:00Z");
const Nanoseconds kToday = *parse_time("2026-11-23T18:00:00Z");
const Nanoseconds kFar = *parse_time("2099-01-01T00:00:00Z");
constexpr ClockTrust kKept{.synchronised = true};
constexpr ClockTrust kAlone{.synchronised = false};
constexpr ClockTrust kChipless{.synchronised = false, .chipless = true};

class TrustedTimeTest : public ::testing::Test {
  protected:
    void start(Nanoseconds wall, ClockTrust trust, Nanoseconds newest = 0) {
        wall_ = wall;
        trust_ = trust;
        time_.emplace(kBuilt, newest, sight());
    }
    // Looks every minute.
    void pass(Nanoseconds length) {
        for (; length > 0; length -= kMinute) {
            const Nanoseconds step = std::min(length, kMinute);
            boot_ += step;
            wall_ += step;
            time_->look(sight());
        }
    }
    void set(Nanoseconds wall) {
        wall_ = wall;
        time_->look(sight());
    }
    void set(Nanoseconds wall, ClockTrust trust) {
        trust_ = trust;
        set(wall);
    }
    ClockSight sight() const { return {wall_, boot_, trust_}; }
    std::optional<Nanoseconds> now() const {
        const auto booted = time_->booted();
        return booted ? std::optional(*booted + boot_) : std::nullopt;
    }
    Nanoseconds deletion() const { return time_->deletion(boot_); }

    Nanoseconds wall_ = 0;
    Nanoseconds boot_ = 20 * kSecond;
    ClockTrust trust_;
    std::optional<TrustedTime> time_;
};

TEST_F(TrustedTimeTest, BelievesAClockThatIsKeptRight) {
    start(kToday, kKept);
    EXPECT_EQ(now(), kToday);
    pass(kHour);
    EXPECT_EQ(now(), kToday + kHour);
}

TEST_F(TrustedTimeTest, BelievesAClockChipThoughNobodyKeepsItRight) {
    start(kToday, kAlone);
    EXPECT_EQ(now(), kToday);
}

TEST_F(TrustedTimeTest, AClockBeforeTheProgramWasMadeIsNotSet) {
    start(0, kAlone);
    EXPECT_EQ(now(), std::nullopt);
    pass(2 * kDay);
    EXPECT_EQ(now(), std::nullopt);
    set(kToday, kKept);
    EXPECT_EQ(now(), kToday);
}

TEST_F(TrustedTimeTest, ATimeFromAFileIsInDoubtUntilItIsSetOrTenMinutesHavePassed) {
    start(kToday - 3 * kHour, kChipless);
    EXPECT_EQ(now(), std::nullopt);
    pass(kMinute);
    set(kToday, kKept);
    EXPECT_EQ(now(), kToday);

    start(kToday - 3 * kHour, kChipless);
    pass(kStartDoubt);
    EXPECT_EQ(now(), kToday - 3 * kHour + kStartDoubt);
}

TEST_F(TrustedTimeTest, ACorrectionIsNoJump) {
    start(kToday, kAlone);
    set(kToday + kHour);
    EXPECT_EQ(now(), kToday + kHour);
    set(kToday);
    EXPECT_EQ(now(), kToday);
}

TEST_F(TrustedTimeTest, AJumpIsInDoubtForAWhile) {
    for (const Nanoseconds jump : {2 * kHour, -2 * kHour, 30 * kDay}) {
        start(kToday, kAlone);
        set(kToday + jump);
        EXPECT_EQ(now(), std::nullopt);
        pass(kJumpDoubt - kMinute);
        EXPECT_EQ(now(), std::nullopt);
        pass(kMinute);
        EXPECT_EQ(now(), kToday + jump + kJumpDoubt);
    }
}

TEST_F(TrustedTimeTest, ADoubtBeginsAnewWithEachJump) {
    start(kToday, kAlone);
    set(kToday + 5 * kHour);
    pass(kJumpDoubt - kMinute);
    set(kToday + 9 * kHour);
    pass(kJumpDoubt - kMinute);
    EXPECT_EQ(now(), std::nullopt);
    pass(kMinute);
    EXPECT_TRUE(now());
}

TEST_F(TrustedTimeTest, AClockThatComesBackHasNeverBeenAway) {
    start(kToday, kAlone);
    set(kFar);
    pass(5 * kMinute);
    EXPECT_EQ(now(), std::nullopt);
    set(kToday + 5 * kMinute);
    EXPECT_EQ(now(), kToday + 5 * kMinute);
}

TEST_F(TrustedTimeTest, AYearAheadTakesAnHourUnlessSomebodyKeepsTheClock) {
    start(kToday, kAlone);
    set(kFar);
    pass(kYearAheadDoubt - kMinute);
    EXPECT_EQ(now(), std::nullopt);
    pass(kMinute);
    EXPECT_EQ(now(), kFar + kYearAheadDoubt);

    start(kToday, kAlone);
    set(kFar, kKept);
    EXPECT_EQ(now(), kFar);
}

TEST_F(TrustedTimeTest, AlsoAtTheStartAYearAheadTakesAnHour) {
    start(kFar, kAlone);
    EXPECT_EQ(now(), std::nullopt);
    pass(kYearAheadDoubt);
    EXPECT_TRUE(now());
}

TEST_F(TrustedTimeTest, DeletionFollowsAtOnceUpToADay) {
    start(kToday, kKept, kToday - kDay);
    EXPECT_EQ(deletion(), kToday);
    set(kToday + kDay);
    EXPECT_EQ(deletion(), kToday + kDay);
    set(kToday - 40 * kDay);
    EXPECT_EQ(deletion(), kToday - 40 * kDay);
}

TEST_F(TrustedTimeTest, AJumpTo2099DeletesNothingEvenIfItIsKeptSo) {
    start(kToday, kKept, kToday);
    set(kFar);
    pass(6 * kDay);
    EXPECT_EQ(now(), kFar + 6 * kDay);
    EXPECT_EQ(deletion(), kToday + 6 * kDay);
    set(kToday + 6 * kDay);
    EXPECT_EQ(deletion(), kToday + 6 * kDay);
    pass(2 * kDay);
    EXPECT_EQ(deletion(), kToday + 8 * kDay);
}

TEST_F(TrustedTimeTest, DeletionGoesOnAfterTheMachineWasOffForMonths) {
    start(kToday + 240 * kDay, kKept, kToday);
    EXPECT_EQ(deletion(), kToday);
    pass(kDeletionDoubtMax);
    EXPECT_EQ(deletion(), kToday + 240 * kDay + kDeletionDoubtMax);
}

TEST_F(TrustedTimeTest, AfterAShortPauseDeletionWaitsForAnEighthOfIt) {
    start(kToday + 4 * kDay, kKept, kToday);
    pass(12 * kHour - kMinute);
    EXPECT_EQ(deletion(), kToday + 12 * kHour - kMinute);
    pass(kMinute);
    EXPECT_EQ(deletion(), kToday + 4 * kDay + 12 * kHour);
}

TEST_F(TrustedTimeTest, DeletionGoesByTheLastRunWhileTheTimeIsNotKnown) {
    start(0, kAlone, kToday);
    pass(kHour);
    EXPECT_EQ(now(), std::nullopt);
    EXPECT_EQ(deletion(), kToday + kHour);
    EXPECT_EQ(time_->about(boot_), kToday + kHour);
}

TEST_F(TrustedTimeTest, AStoreWithoutAPastDeletesAsIfItWereTheDayTheProgramWasMade) {
    start(kFar, kKept);
    EXPECT_EQ(deletion(), kBuilt);
}

TEST(TrustedTime, WithoutAnyPastTheFirstWordCounts) {
    const TrustedTime time(0, 0, {kToday, kMinute, kKept});
    EXPECT_EQ(time.deletion(kMinute), kToday);
}

TEST(TrustedClock, NoticesAJumpWhenItLooks) {
    test::FakeClock clock;
    clock.trust(kAlone);
    const Nanoseconds start = clock.now();
    TrustedClock trusted(clock, kBuilt, start);
    EXPECT_EQ(trusted.now(), start);
    clock.set(start + kDay);
    trusted.look();
    EXPECT_EQ(trusted.now(), std::nullopt);
    EXPECT_EQ(trusted.about_now(), start);
    clock.trust(kKept);
    clock.advance(kSecond);
    trusted.look();
    EXPECT_EQ(trusted.now(), start + kDay + kSecond);
    EXPECT_EQ(trusted.deletion_now(), start + kDay + kSecond);
}

TEST(TrustedClock, AsksAnewWhetherTheClockIsKeptWhenItJumps) {
    test::FakeClock clock;
    TrustedClock trusted(clock, kBuilt, clock.now());
    clock.trust(kAlone);  // as the kernel says once somebody has set it by hand
    clock.set(clock.now() + kDay);
    trusted.look();
    EXPECT_EQ(trusted.now(), std::nullopt);
}

TEST(SystemClock, KnowsTheMachinesStart) {
    const SystemClock clock;
    const Nanoseconds before = clock.since_boot();
    EXPECT_GT(before, 0);
    EXPECT_GE(clock.since_boot(), before);
    EXPECT_EQ(clock.boot_id().size(), 36u);
    EXPECT_EQ(clock.boot_id(), clock.boot_id());
    (void)clock.trust();
}

}  // namespace
}  // namespace pomiar
