// The journal with a spool: what was answered survives the death of the process, and the disk sees one write a period.
#include "storage/journal/spool.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/journal/journal.hpp"
#include "storage/spool_place.hpp"
#include "support/simulated_disk.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage {
namespace {

class SpooledJournal : public testing::Test {
  protected:
    // As after the death of the process.
    std::vector<std::string> open(Position released = 0, bool spools = true) {
        journal_.reset();
        std::vector<std::string> seen;
        JournalReport report;
        auto journal = Journal::open(
            {"journal", "damaged", 1u << 20, kSpool, spools}, *disk_, released,
            [&](Position, std::string_view payload) { seen.emplace_back(payload); }, report);
        EXPECT_TRUE(journal) << journal.error().message;
        if (journal) journal_.emplace(std::move(*journal));
        return seen;
    }
    void add(const std::string& payload) {
        journal_->append(payload);
        ASSERT_TRUE(journal_->commit());
    }
    std::vector<std::string> segments() { return *disk_->list("journal"); }
    void cut_power() {
        journal_.reset();
        disk_->cut_power(random_);
        (void)disk_->remove(kSpool);
    }

    using Texts = std::vector<std::string>;
    static constexpr const char* kSpool = "memory/spool";
    std::unique_ptr<pomiar::test::SimulatedDisk> disk_ = std::make_unique<pomiar::test::SimulatedDisk>();
    std::mt19937_64 random_{3};
    std::optional<Journal> journal_;
};

TEST_F(SpooledJournal, NothingIsWrittenBeforeTheSyncAndNothingIsLostWithoutIt) {
    open();
    add("one");
    add("two");
    EXPECT_TRUE(segments().empty());
    EXPECT_TRUE(journal_->dirty());
    EXPECT_EQ(open(), (Texts{"one", "two"}));
    add("three");
    EXPECT_EQ(open(), (Texts{"one", "two", "three"}));
    EXPECT_EQ(open(), (Texts{"one", "two", "three"}));
}

TEST_F(SpooledJournal, WhatWasSyncedSurvivesAPowerCutAndComesOnce) {
    open();
    add("one");
    add("two");
    ASSERT_TRUE(journal_->sync());
    EXPECT_FALSE(journal_->dirty());
    EXPECT_EQ(open(), (Texts{"one", "two"}));
    add("three");
    cut_power();
    EXPECT_EQ(open(), (Texts{"one", "two"}));
}

TEST_F(SpooledJournal, WhatADeadProcessLeftIsSyncedByTheNext) {
    open();
    add("one");
    open();
    EXPECT_TRUE(journal_->dirty());
    ASSERT_TRUE(journal_->sync());
    cut_power();
    EXPECT_EQ(open(), Texts{"one"});
}

TEST_F(SpooledJournal, ALargeGroupGoesToTheDiskAfterWhatWaits) {
    const std::string large(kPayloadBytesMax, 'x');
    open();
    add("one");
    add(large);
    EXPECT_EQ(segments().size(), 1u);
    add("two");
    EXPECT_EQ(open(), (Texts{"one", large, "two"}));
}

TEST_F(SpooledJournal, AFullSpoolIsEmptiedAndGoesOn) {
    open();
    Texts all;
    for (int i = 0; i < 300; ++i) {
        all.push_back(std::to_string(i) + std::string(1000, ' '));
        add(all.back());
    }
    EXPECT_EQ(open(), all);
    ASSERT_TRUE(journal_->sync());
    cut_power();
    EXPECT_EQ(open(), all);
}

TEST_F(SpooledJournal, WhatIsReleasedDoesNotComeBack) {
    open();
    add("one");
    ASSERT_TRUE(journal_->settle());
    const Position end = journal_->end();
    journal_->release(end);
    add("two");
    EXPECT_EQ(open(end), Texts{"two"});
}

TEST_F(SpooledJournal, ASpoolThatCouldNotBeClearedIsNoDanger) {
    open();
    add("one");
    const std::string before = disk_->bytes(kSpool);
    ASSERT_TRUE(journal_->sync());
    const Position end = journal_->end();
    journal_->release(end);
    disk_->bytes(kSpool) = before;
    EXPECT_EQ(open(end), Texts{});
}

TEST_F(SpooledJournal, WhatWasMovedButStayedComesBeforeWhatCameLater) {
    open();
    add("one");
    const std::string before = disk_->bytes(kSpool);
    add(std::string(kPayloadBytesMax, 'x'));
    disk_->bytes(kSpool) = before;
    const Texts found = open();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0], "one");
    EXPECT_EQ(found[1], "one");
}

TEST_F(SpooledJournal, WhoLooksFromOutsideSeesWhatWaits) {
    open();
    add("one");
    ASSERT_TRUE(journal_->sync());
    add("two");
    Texts seen;
    const auto report = Journal::inspect("journal", kSpool, *disk_, 0,
                                         [&](Position, std::string_view payload) { seen.emplace_back(payload); });
    ASSERT_TRUE(report);
    EXPECT_EQ(report->records, 2u);
    EXPECT_EQ(seen, (Texts{"one", "two"}));
}

TEST_F(SpooledJournal, EveryFailureLeavesWhatWasAnswered) {
    for (std::uint64_t operation = 1; operation < 40; ++operation) {
        SCOPED_TRACE(operation);
        journal_.reset();
        disk_ = std::make_unique<pomiar::test::SimulatedDisk>();
        open();
        disk_->fail_after(operation);
        Texts answered;
        for (int i = 0; i < 12; ++i) {
            const std::string payload = std::to_string(i) + std::string(i % 4 == 3 ? 70'000 : 10, ' ');
            journal_->append(payload);
            if (journal_->commit()) answered.push_back(payload);
            if (i % 3 == 2) (void)journal_->sync();  // of a failed one nothing is asked but that it loses nothing
        }
        disk_->fail_after(0);
        const Texts found = open();
        auto at = found.begin();
        for (const std::string& payload : answered) {
            at = std::find(at, found.end(), payload);
            ASSERT_NE(at, found.end()) << payload.substr(0, 3);
        }
    }
}

TEST_F(SpooledJournal, WhatCannotBeMovedIsTakenByTheSealAndDoesNotComeBack) {
    open();
    add("one");
    disk_->fail_after(1);
    EXPECT_FALSE(journal_->settle());
    EXPECT_TRUE(journal_->broken());
    EXPECT_TRUE(journal_->wants_sealing());
    journal_->append("two");
    EXPECT_FALSE(journal_->commit());
    const Position end = journal_->end();
    journal_->release(end);
    EXPECT_FALSE(journal_->broken());
    add("three");
    EXPECT_EQ(open(end), Texts{"three"});
}

// And no page around them.
TEST_F(SpooledJournal, WhatIsSyncedTakesTheSectorsItNeeds) {
    open();
    Texts all;
    for (int i = 0; i < 40; ++i) {
        all.push_back(std::to_string(i) + std::string(1400, ' '));
        const Position before = journal_->end();
        add(all.back());
        ASSERT_TRUE(journal_->sync());
        if (i > 0) {
            EXPECT_EQ(journal_->end() - before, 3 * kSectorBytes);
        }
        EXPECT_EQ(journal_->end() % kSectorBytes, 0u);
    }
    EXPECT_EQ(open(), all);
}

TEST_F(SpooledJournal, WithAnotherSettingItIsStillEmptied) {
    open();
    add("one");
    EXPECT_EQ(open(0, false), Texts{"one"});
    add("two");
    EXPECT_EQ(segments().size(), 1u);
    EXPECT_EQ(open(0, false), (Texts{"one", "two"}));
}

TEST_F(SpooledJournal, NoFileIsLeftOfWhatIsReleased) {
    open();
    EXPECT_FALSE(journal_->holds_records());
    add("one");
    journal_->clear_away();
    EXPECT_EQ(open(), Texts{"one"});
    ASSERT_TRUE(journal_->sync());
    const Position end = journal_->end();
    journal_->release(end);
    EXPECT_FALSE(journal_->holds_records());
    journal_->clear_away();
    EXPECT_TRUE(segments().empty());
    EXPECT_TRUE(disk_->list("memory")->empty());
    EXPECT_EQ(open(end), Texts{});
    add("two");
    EXPECT_EQ(open(end), Texts{"two"});
}

TEST_F(SpooledJournal, ASpoolThatCannotBeOpenedOnlyMeansMoreWrites) {
    open();
    add("one");
    disk_->make_unreadable(kSpool, 0);
    open();
    add("two");
    EXPECT_EQ(segments().size(), 1u);
}

TEST(SpoolPlace, IsOffWhereItIsSwitchedOff) {
    const pomiar::test::TemporaryDirectory directory;
    EXPECT_EQ(*spool_path("off", directory.path()), "");
}

TEST(SpoolPlace, RefusesADirectoryThatIsNotInMemory) {
    const pomiar::test::TemporaryDirectory directory;
    const auto path = spool_path("/proc", directory.path());
    ASSERT_FALSE(path);
    EXPECT_NE(path.error().message.find("storage.spool"), std::string::npos);
}

TEST(SpoolPlace, AnotherDirectoryHasAnotherSpool) {
    const pomiar::test::TemporaryDirectory one;
    const pomiar::test::TemporaryDirectory two;
    const auto path = spool_path("/dev/shm", one.path());
    if (!path) GTEST_SKIP() << path.error().message;
    EXPECT_EQ(*path, *spool_path("/dev/shm", one.path()));
    EXPECT_NE(*path, *spool_path("/dev/shm", two.path()));
}

TEST(SpoolPlace, IsWrittenDownAndFoundWithoutSettings) {
    const pomiar::test::TemporaryDirectory directory;
    ASSERT_TRUE(real_file_system().make_directories(directory.path() + "/journal"));
    EXPECT_EQ(noted_spool(directory.path()), "");
    for (const char* place : {"/dev/shm/a.spool", "/run/b.spool", "/run/b.spool", ""}) {
        ASSERT_TRUE(note_spool(directory.path(), place));
        EXPECT_EQ(noted_spool(directory.path()), place);
    }
}

TEST(SpoolPlace, TheFolderIsForItsUserAlone) {
    const pomiar::test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/pomiar/x.spool";
    ASSERT_TRUE(make_spool_folder(path));
    ASSERT_TRUE(make_spool_folder(path));
    ASSERT_EQ(::chmod((directory.path() + "/pomiar").c_str(), 0755), 0);
    const auto open_to_others = make_spool_folder(path);
    ASSERT_FALSE(open_to_others);
    EXPECT_EQ(open_to_others.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace pomiar::storage
