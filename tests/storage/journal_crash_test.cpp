// The journal on a disk whose power is cut and whose operations fail: what was synced comes back, in order, nothing
// else but what was given to it does, and opening twice gives what opening once gave.
#include <optional>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "storage/journal/journal.hpp"
#include "support/simulated_disk.hpp"

namespace pomiar::storage {
namespace {

constexpr int kSeeds = 60;
constexpr int kLives = 8;

class JournalLives {
  public:
    explicit JournalLives(std::uint64_t seed) : random_(seed) {}

    void run() {
        for (int life = 0; life < kLives && !testing::Test::HasFailure(); ++life) {
            open();
            if (random_() % 3 == 0) disk_.fail_after(1 + random_() % 60);
            for (auto step = random_() % 80; step > 0; --step) act();
            disk_.fail_after(0);
            journal_.reset();
            expected_ = &committed_;  // the process died, the machine did not
            if (random_() % 4 == 0) continue;
            disk_.cut_power(random_);
            expected_ = &durable_;
        }
        open();
    }

  private:
    static std::string payload_of(std::uint64_t number, std::size_t size) {
        std::string payload = std::to_string(number) + ":";
        payload.resize(std::max(payload.size(), size), static_cast<char>('a' + number % 26));
        return payload;
    }

    void open() {
        std::vector<std::uint64_t> seen = read();
        EXPECT_EQ(read(), seen) << "opened once more";
        std::uint64_t previous = 0;
        for (const std::uint64_t number : seen) {
            EXPECT_GT(number, previous);
            EXPECT_LT(number, next_) << "was never given to it";
            previous = number;
        }
        const std::set<std::uint64_t> found(seen.begin(), seen.end());
        for (const std::uint64_t number : *expected_) {
            EXPECT_TRUE(number < first_needed_ || found.contains(number)) << number << " was promised";
        }
        // What came back is in the journal now; what did not is gone for good.
        committed_ = found;
        if (expected_ == &durable_) durable_ = found;
    }

    std::vector<std::uint64_t> read() {
        journal_.reset();
        std::vector<std::uint64_t> seen;
        JournalReport report;
        auto journal = Journal::open(
            {"journal", "damaged", 1u << 20}, disk_, released_,
            [&](Position, std::string_view payload) {
                const std::uint64_t number = std::stoull(std::string(payload.substr(0, payload.find(':'))));
                EXPECT_EQ(payload, payload_of(number, payload.size()));
                seen.push_back(number);
            },
            report);
        EXPECT_TRUE(journal) << journal.error().message;
        journal_.emplace(std::move(*journal));
        return seen;
    }

    void act() {
        switch (random_() % 10) {
            case 0:
                if (journal_->sync()) durable_ = committed_;
                break;
            case 1:
                seal();
                break;
            default:
                commit();
        }
    }

    void commit() {
        std::vector<std::uint64_t> group;
        for (auto count = 1 + random_() % 4; count > 0; --count) {
            journal_->append(payload_of(next_, random_() % 8 == 0 ? random_() % kPayloadBytesMax : random_() % 200));
            group.push_back(next_++);
        }
        if (journal_->commit()) committed_.insert(group.begin(), group.end());
    }

    // Everything has become blocks on the device.
    void seal() {
        released_ = journal_->end();
        journal_->release(released_);
        first_needed_ = next_;
        EXPECT_FALSE(journal_->broken());
    }

    std::mt19937_64 random_;
    pomiar::test::SimulatedDisk disk_;
    std::optional<Journal> journal_;
    Position released_ = 0;
    std::uint64_t next_ = 1;
    std::uint64_t first_needed_ = 1;
    std::set<std::uint64_t> committed_;
    std::set<std::uint64_t> durable_;
    const std::set<std::uint64_t>* expected_ = &durable_;
};

TEST(JournalCrash, KeepsItsPromiseThroughPowerCutsAndFailures) {
    for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        JournalLives(seed).run();
    }
}

class DamagedJournal : public testing::Test {
  protected:
    static constexpr const char* kFirst = "journal/00000001.journal";

    // About 3 segments of records, numbered from 0.
    void SetUp() override {
        open(0);
        for (int i = 0; i < kRecords; ++i) {
            journal_->append(std::to_string(i) + std::string(1000, ' '));
            ASSERT_TRUE(journal_->commit());
        }
        ASSERT_TRUE(journal_->sync());
    }
    std::size_t open(Position released) {
        journal_.reset();
        std::size_t count = 0;
        report_ = {};
        auto journal = Journal::open(
            {"journal", "damaged", 2u << 20}, disk_, released, [&](Position, std::string_view) { ++count; }, report_);
        EXPECT_TRUE(journal) << journal.error().message;
        if (journal) journal_.emplace(std::move(*journal));
        return count;
    }

    static constexpr int kRecords = 700;
    pomiar::test::SimulatedDisk disk_;
    std::optional<Journal> journal_;
    JournalReport report_;
};

TEST_F(DamagedJournal, AZeroedFirstPageCostsThatPage) {
    disk_.bytes(kFirst).replace(0, 4096, 4096, '\0');
    EXPECT_GE(open(0), kRecords - 5u);
    EXPECT_GE(report_.damaged_spans, 1u);
}

TEST_F(DamagedJournal, AGarbledFirstPageCostsThatPage) {
    disk_.bytes(kFirst).replace(0, 4096, 4096, '\xa5');
    EXPECT_GE(open(0), kRecords - 5u);
    EXPECT_GE(report_.damaged_spans, 1u);
    EXPECT_FALSE(disk_.list("damaged")->empty());
}

TEST_F(DamagedJournal, AFileThatIsCutOffKeepsWhatIsLeft) {
    disk_.bytes(kFirst).resize(100'000);
    const std::size_t per_segment = kSegmentBytes / frame_bytes(1003);
    EXPECT_GE(open(0), kRecords - per_segment + 100'000 / frame_bytes(1003) - 1);
    EXPECT_GE(report_.damaged_spans, 1u);
}

TEST_F(DamagedJournal, TheLostTailOfAFullSegmentIsToldAndKept) {
    std::string& bytes = disk_.bytes(kFirst);
    bytes.replace(bytes.size() - 65'536, 65'536, 65'536, '\x5a');
    EXPECT_LT(open(0), static_cast<std::size_t>(kRecords));
    ASSERT_EQ(report_.damaged_spans, 1u);
    EXPECT_GE(report_.damaged_bytes, 65'536u);
}

TEST_F(DamagedJournal, AnUnreadableSectorCostsItsPage) {
    disk_.make_unreadable(kFirst, 50'000);
    EXPECT_GE(open(0), kRecords - 6u);
    EXPECT_GE(report_.damaged_spans, 1u);
}

TEST_F(DamagedJournal, OpensThoughTheDamageCannotBeKept) {
    disk_.bytes(kFirst).replace(10'000, 10, 10, 'x');
    disk_.fail_after(1);
    EXPECT_EQ(open(0), kRecords - 1u);
}

TEST_F(DamagedJournal, GoesOnPastWhatIsReleasedThoughItsOwnEndWasLost) {
    const Position end = journal_->end();
    disk_.bytes("journal/00000003.journal").replace(4096, kSegmentBytes - 4096, kSegmentBytes - 4096, '\0');
    open(end);
    journal_->append("after");
    ASSERT_TRUE(journal_->commit());
    EXPECT_GT(journal_->end(), end);
    EXPECT_EQ(open(end), 1u);
}

TEST_F(DamagedJournal, ARefusedGroupNeverComesAfterALaterOne) {
    disk_.fail_after(1);
    journal_->append("refused" + std::string(40, ' '));
    journal_->append("refused too");
    EXPECT_FALSE(journal_->commit());
    journal_->append("kept");
    ASSERT_TRUE(journal_->commit());
    journal_.reset();
    std::string last;
    auto opened = Journal::open(
        {"journal", "damaged", 2u << 20}, disk_, 0, [&](Position, std::string_view payload) { last = payload; },
        report_);
    ASSERT_TRUE(opened);
    EXPECT_EQ(last, "kept");
}

TEST_F(DamagedJournal, ASectorWrittenAfterASyncHoldsNothingFromBefore) {
    const auto sector = [](Position end) { return (end & 0xffff'ffff) / 512; };
    journal_->append("promised");
    ASSERT_TRUE(journal_->commit());
    const auto before = sector(journal_->end() - 1);
    ASSERT_TRUE(journal_->sync());
    journal_->append("not yet");
    ASSERT_TRUE(journal_->commit());
    EXPECT_GT(sector(journal_->end() - 1), before);
    const std::size_t count = open(0);
    EXPECT_EQ(count, kRecords + 2u);
    EXPECT_EQ(report_.damaged_spans, 0u) << "the filler between is no damage";
}

TEST_F(DamagedJournal, ARecordThatWasSyncedIsToldFromATornTail) {
    journal_->append("lost");
    ASSERT_TRUE(journal_->commit());
    const auto end = static_cast<std::size_t>(journal_->end() & 0xffff'ffff);
    ASSERT_TRUE(journal_->sync());
    disk_.bytes("journal/00000003.journal").replace(end - 8, 4, 4, '\xff');
    EXPECT_EQ(open(0), kRecords + 0u);
    EXPECT_EQ(report_.damaged_spans, 1u);
}

TEST_F(DamagedJournal, AfterAFailedSyncItTakesNothingUntilAllIsReleased) {
    journal_->append("pending");
    ASSERT_TRUE(journal_->commit());
    disk_.fail_after(2);  // the filler before it goes
    EXPECT_FALSE(journal_->sync());
    journal_->append("refused");
    EXPECT_FALSE(journal_->commit());
    journal_->release(journal_->end());
    EXPECT_FALSE(journal_->broken());
    journal_->append("in a new file");
    ASSERT_TRUE(journal_->commit());
    EXPECT_TRUE(journal_->sync());
}

}  // namespace
}  // namespace pomiar::storage
