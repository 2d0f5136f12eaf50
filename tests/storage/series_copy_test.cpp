// The second copy of the definitions: what was written comes back, what is damaged is told.
#include "storage/series_copy.hpp"

#include <gtest/gtest.h>

#include "support/simulated_disk.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint32_t kIdentity = 77;

class SeriesCopyTest : public testing::Test {
  protected:
    void SetUp() override {
        for (SeriesId id = 1; id <= 100; ++id)
            series_.push_back({id, "room,n=" + std::to_string(id), "f", static_cast<SeriesType>(id % 3)});
        series_[41].sensor.clear();  // its definition is lost
        ASSERT_TRUE(write_series_copy("data", kIdentity, series_, {1, 1, 0, 4}, disk_));
    }
    std::string& bytes() { return disk_.bytes("data/series.copy"); }

    pomiar::test::SimulatedDisk disk_;
    std::vector<SeriesInfo> series_;
};

TEST_F(SeriesCopyTest, GivesBackWhatWasWritten) {
    const SeriesCopy copy = read_series_copy("data", kIdentity, disk_);
    EXPECT_FALSE(copy.damaged);
    ASSERT_EQ(copy.series.size(), 99u);
    EXPECT_EQ(copy.series[98].id, 100u);
    EXPECT_EQ(copy.series[98].sensor, "room,n=100");
    EXPECT_EQ(copy.series[98].type, SeriesType::boolean);
    ASSERT_EQ(copy.groups.size(), 100u);
    EXPECT_EQ(copy.groups[1], 1u);
    EXPECT_EQ(copy.groups[2], 3u) << "one of its own";
    EXPECT_EQ(copy.groups[41], 0u);
    EXPECT_EQ(identity_of_series_copy("data", disk_), kIdentity);
}

TEST_F(SeriesCopyTest, TellsEveryFlippedBitOfARecord) {
    const std::string intact = bytes();
    for (std::size_t at = 32; at < intact.size(); at += 3) {
        bytes()[at] = static_cast<char>(bytes()[at] ^ 0x10);
        const SeriesCopy copy = read_series_copy("data", kIdentity, disk_);
        EXPECT_GE(copy.series.size(), 98u) << at;
        for (const SeriesInfo& info : copy.series) EXPECT_EQ(info.sensor, series_[info.id - 1].sensor) << at;
        bytes() = intact;
    }
}

TEST_F(SeriesCopyTest, ACutOffOneIsDamaged) {
    bytes().resize(bytes().size() / 2);
    const SeriesCopy copy = read_series_copy("data", kIdentity, disk_);
    EXPECT_TRUE(copy.damaged);
    EXPECT_GE(copy.series.size(), 30u);
}

TEST_F(SeriesCopyTest, ThatOfAnotherDatabaseIsNone) {
    EXPECT_TRUE(read_series_copy("data", kIdentity + 1, disk_).damaged);
    EXPECT_TRUE(read_series_copy("data", kIdentity + 1, disk_).series.empty());
    EXPECT_TRUE(read_series_copy("elsewhere", kIdentity, disk_).damaged);
}

}  // namespace
}  // namespace pomiar::storage
