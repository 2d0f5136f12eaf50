// Bits flip, sectors are lost and pages cannot be read, in every file: the store starts by itself, shows nothing that
// was not written, loses no more than what stood on the damaged page, works on, and `check` names the damage.
#include <iostream>

#include <gtest/gtest.h>

#include "machine.hpp"
#include "storage/check.hpp"

namespace pomiar::storage {
namespace {

using test::Found;
using test::Machine;
using test::SimulatedDisk;

constexpr std::uint64_t kSeed = 20261127;
constexpr std::size_t kPageReadings = 3'100;  // a large block, and the small ones of a page

class DamageTest : public testing::Test {
  protected:
    // Blocks, and readings that are only in the journal.
    void SetUp() override {
        for (int life = 0; life < 4; ++life) machine_.live(kSeed + static_cast<std::uint64_t>(life));
        ASSERT_TRUE(machine_.start());
        fill_pages();
        ASSERT_TRUE(machine_.append("after the seal", 1, Value::of(1.0)));
        whole_ = machine_.found();
        machine_.stop();
        ASSERT_TRUE(check(machine_.options().path, machine_.disk())->problems.empty());
        intact_ = machine_.disk().fork();
    }
    // Tables of more than one page, and blocks that run over several.
    void fill_pages() {
        std::mt19937_64 random(kSeed);
        Batch batch;
        for (int i = 0; i < 300; ++i) {
            const auto series = batch.add_series("n" + std::to_string(i), "f");
            for (int k = 0; k < 2; ++k) batch.add(series, k, Value::of(static_cast<std::int64_t>(random())), 1);
        }
        const auto large = batch.add_series("large", "f");
        for (int i = 0; i < 3000; ++i) batch.add(large, i, Value::of(static_cast<std::int64_t>(random())), 1);
        ASSERT_TRUE(machine_.append(std::move(batch)));
        ASSERT_TRUE(machine_.seal());
    }

    void TearDown() override {
        machine_.stop();
        std::cout << points_ << " points tried, " << losses_ << " with a loss\n";
    }

    std::vector<std::string> files() const {
        std::vector<std::string> paths = intact_->paths();
        std::erase_if(paths, [](const std::string& path) { return path.find("/damaged/") != std::string::npos; });
        return paths;
    }

    // How many of the readings are not there. None is other than it was.
    std::size_t count_lost(const Found& found) {
        std::size_t lost = whole_.size();
        for (const auto& [key, value] : found) {
            const auto written = whole_.find(key);
            if (written == whole_.end()) {
                ADD_FAILURE() << key.first << " at " << key.second << " was never written";
            } else {
                EXPECT_EQ(written->second, value) << key.first << " at " << key.second;
                --lost;
            }
        }
        return lost;
    }

    // How many readings are gone for good. What only a damaged index hid comes back with the next seal.
    std::size_t expect_survived(std::unique_ptr<SimulatedDisk> disk) {
        ++points_;
        machine_.insert(std::move(disk));
        const auto report = check(machine_.options().path, machine_.disk());
        EXPECT_TRUE(report) << report.error().message;
        const auto started = machine_.start();
        EXPECT_TRUE(started) << started.error().message;
        if (!report || !started) return 0;
        std::vector<std::string> damage;
        const std::size_t hidden = count_lost(machine_.found(&damage));
        EXPECT_TRUE(hidden == 0 || !report->problems.empty()) << hidden << " lost, and check says nothing";
        EXPECT_TRUE(machine_.append("after", 1, Value::of(1.0)));
        EXPECT_TRUE(machine_.append("s1", 1'000'000'000, Value::of(true)));
        EXPECT_TRUE(machine_.seal()) << "it does not seal any more";
        machine_.stop();
        EXPECT_TRUE(machine_.start());
        Found later = machine_.found(&damage);
        EXPECT_EQ(later.erase({"after", 1}), 1u);
        EXPECT_EQ(later.erase({"s1", 1'000'000'000}), 1u);
        const std::size_t lost = count_lost(later);
        EXPECT_LE(lost, kPageReadings);
        EXPECT_TRUE(lost == 0 || !report->problems.empty()) << lost << " lost, and check says nothing";
        losses_ += lost != 0 ? 1 : 0;
        return lost;
    }

    Machine machine_{Machine::Load::always};
    std::unique_ptr<SimulatedDisk> intact_;
    Found whole_;
    std::uint64_t points_ = 0;
    std::uint64_t losses_ = 0;
};

TEST_F(DamageTest, EachBitOfTheDatabasesHeaderFlips) {
    const std::string path = machine_.path("pomiar.db");
    for (std::size_t bit = 0; bit < 100 * 8 && !HasFailure(); bit += test::all_points() ? 1 : 13) {
        SCOPED_TRACE("bit " + std::to_string(bit));
        auto disk = intact_->fork();
        const std::string byte(1, static_cast<char>(disk->bytes(path)[bit / 8] ^ (1 << bit % 8)));
        disk->overwrite(path, bit / 8, byte);
        EXPECT_EQ(expect_survived(std::move(disk)), 0u);
    }
}

TEST_F(DamageTest, BitsFlipInEveryFile) {
    std::mt19937_64 random(kSeed);
    const int flips = test::all_points() ? 400 : 20;
    for (const std::string& path : files()) {
        for (int i = 0; i < flips && !HasFailure(); ++i) {
            auto disk = intact_->fork();
            const std::string& bytes = disk->bytes(path);
            if (bytes.empty()) break;
            // Half of them where something stands.
            std::size_t at = random() % bytes.size();
            while (i % 2 == 0 && bytes[at] == '\0') at = random() % bytes.size();
            const auto bit = random() % 8;
            SCOPED_TRACE(path + ", byte " + std::to_string(at) + ", bit " + std::to_string(bit));
            disk->overwrite(path, at, std::string(1, static_cast<char>(bytes[at] ^ (1 << bit))));
            expect_survived(std::move(disk));
        }
    }
}

// A key that is not in its place any more leads astray whoever looks for others, or puts them there.
TEST_F(DamageTest, BitsFlipInTheIndex) {
    constexpr std::size_t kPage = 1024;
    constexpr char kIndexLeaf = 10;  // of SQLite's pages
    std::mt19937_64 random(kSeed);
    const int flips = test::all_points() ? 200 : 12;
    const std::string path = machine_.path("pomiar.db");
    for (std::size_t page = 1; page < intact_->bytes(path).size() / kPage; ++page) {
        if (intact_->bytes(path)[page * kPage] != kIndexLeaf) continue;
        for (int i = 0; i < flips && !HasFailure(); ++i) {
            auto disk = intact_->fork();
            const std::size_t at = page * kPage + random() % kPage;
            const auto bit = random() % 8;
            SCOPED_TRACE("byte " + std::to_string(at) + ", bit " + std::to_string(bit));
            disk->overwrite(path, at, std::string(1, static_cast<char>(disk->bytes(path)[at] ^ (1 << bit))));
            expect_survived(std::move(disk));
        }
    }
}

TEST_F(DamageTest, AFlippedLetterInTheNameOfASeriesIsMended) {
    auto disk = intact_->fork();
    const std::string path = machine_.path("pomiar.db");
    const std::size_t at = disk->bytes(path).find("large");
    ASSERT_NE(at, std::string::npos);
    disk->overwrite(path, at, "barge");
    EXPECT_EQ(expect_survived(std::move(disk)), 0u);
}

TEST_F(DamageTest, EachPageOfTheDatabaseIsLost) {
    std::mt19937_64 random(kSeed);
    const std::string path = machine_.path("pomiar.db");
    const std::size_t pages = intact_->bytes(path).size() / 4096;
    for (std::size_t page = 0; page < pages && !HasFailure(); ++page) {
        for (int kind = 0; kind < 3; ++kind) {
            SCOPED_TRACE("page " + std::to_string(page + 1) + " is " +
                         (kind == 0   ? "unreadable"
                          : kind == 1 ? "zeros"
                                      : "garbage"));
            auto disk = intact_->fork();
            if (kind == 0) {
                disk->make_unreadable(path, page * 4096);
            } else {
                std::string bytes(4096, '\0');
                if (kind == 2) std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
                disk->overwrite(path, page * 4096, bytes);
            }
            expect_survived(std::move(disk));
        }
    }
}

}  // namespace
}  // namespace pomiar::storage
