// Series that report together, in one block: each comes back exactly and can be read by itself; the times of one tell
// those of the others; the plain decoder finds the same.
#include <gtest/gtest.h>

#include "storage/codec/block.hpp"
#include "storage/codec/reference_decoder.hpp"
#include "storage/codec/some_readings.hpp"

namespace pomiar::storage {
namespace {

using reference::Decoder;

// Some readings of a device with this many sensors. `spread`: how far its readings of one report lie apart, in `unit`.
std::vector<Readings> device(std::uint64_t seed, std::size_t sensors, std::size_t reports, std::uint64_t spread,
                             unsigned lost_of_100, std::uint64_t unit = 1) {
    SomeReadings some(seed);
    const Readings leader = some.make(static_cast<unsigned>(seed % SomeReadings::kTimeShapes), 1, reports);
    std::vector<Readings> all(sensors);
    for (std::size_t s = 0; s < sensors; ++s) {
        const Readings values = some.make(3, static_cast<unsigned>(some.below(SomeReadings::kValueShapes)), reports);
        for (std::size_t i = 0; i < leader.size(); ++i) {
            if (some.below(100) < lost_of_100 && !(i == 0)) continue;
            const Nanoseconds at = leader.times[i];
            const auto later = static_cast<Nanoseconds>(spread == 0 ? 0 : some.below(spread) * unit);
            const Nanoseconds time = at > kAllTime.to - later ? kAllTime.to : at + later;
            if (all[s].empty() || time > all[s].times.back()) all[s].push(time, values.value(i % values.size()));
        }
    }
    return all;
}

std::string encoded(const std::vector<Readings>& all) {
    std::vector<BlockColumn> columns;
    for (std::size_t s = 0; s < all.size(); ++s)
        columns.push_back({static_cast<SeriesId>(3 * s + 1), all[s], 0, all[s].size()});
    std::string out;
    encode_block(columns, out);
    return out;
}

void expect_same(const Readings& found, const Readings& readings) {
    ASSERT_EQ(found.times, readings.times);
    for (std::size_t i = 0; i < readings.size(); ++i) ASSERT_EQ(found.value(i), readings.value(i)) << i;
}

void expect_both_read(const std::string& block, const std::vector<Readings>& all) {
    const auto view = BlockView::open(block);
    ASSERT_TRUE(view) << view.error().message;
    const auto plain = Decoder::block(block);
    ASSERT_TRUE(plain);
    for (std::size_t s = 0; s < all.size(); ++s) {
        const auto column = view->find(static_cast<SeriesId>(3 * s + 1));
        ASSERT_TRUE(column);
        Readings found;
        ASSERT_TRUE(view->read(*column, found));
        expect_same(found, all[s]);
        ASSERT_EQ((*plain)[s].readings.size(), found.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            const Value value = found.value(i);
            ASSERT_EQ((*plain)[s].readings[i], (reference::Reading{found.times[i], static_cast<unsigned>(value.kind),
                                                                   value.bits, std::string(value.text)}));
        }
        if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_FALSE(view->find(2));
}

TEST(Together, EachComesBackExactly) {
    std::uint64_t seed = 0;
    for (const std::uint64_t spread : {0u, 3u, 3'000'000u, 4'000'000'000u}) {
        for (const unsigned lost : {0u, 2u, 30u}) {
            for (const std::size_t reports : {1u, 2u, 9u, 400u}) {
                for (const std::size_t sensors : {2u, 5u, 16u}) {
                    SCOPED_TRACE(testing::Message() << "spread " << spread << ", lost " << lost << ", reports "
                                                    << reports << ", sensors " << sensors);
                    const auto all = device(++seed, sensors, reports, spread, lost);
                    expect_both_read(encoded(all), all);
                    if (HasFatalFailure()) return;
                }
            }
        }
    }
}

TEST(Together, UnlikeSeriesStandInOneBlock) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SomeReadings some(seed);
        std::vector<Readings> all;
        for (std::uint64_t s = 0; s <= seed % 6; ++s) {
            all.push_back(some.make(static_cast<unsigned>(some.below(SomeReadings::kTimeShapes)),
                                    static_cast<unsigned>(some.below(SomeReadings::kValueShapes)),
                                    1 + some.below(300)));
        }
        SCOPED_TRACE(seed);
        expect_both_read(encoded(all), all);
        if (HasFatalFailure()) return;
    }
}

TEST(Together, TimesAreToldOnce) {
    const auto one = device(4, 1, 4000, 0, 0);
    const auto same = device(4, 5, 4000, 0, 0);
    const auto near = device(4, 5, 4000, 3, 0, 1'000'000);
    const auto bytes_of_times = [](const std::string& block) {
        std::size_t bytes = 0;
        const auto view = BlockView::open(block);
        for (const auto& column : view->columns()) bytes += column.times.size();
        return bytes;
    };
    const std::size_t alone = bytes_of_times(encoded(one));
    EXPECT_EQ(bytes_of_times(encoded(same)), alone + 4);
    EXPECT_LT(bytes_of_times(encoded(near)), alone + 4 * 4000 * 3 / 8);  // differences of three places: 2.2 bits
}

TEST(Together, DamageCostsTheColumnAndThoseThatNeedIt) {
    const auto all = device(8, 3, 200, 0, 0);
    std::string block = encoded(all);
    const auto view = BlockView::open(block);
    ASSERT_TRUE(view);
    const auto offset = static_cast<std::size_t>(view->columns()[2].values.data() - block.data());
    block[offset + 3] = static_cast<char>(block[offset + 3] ^ 0x10);
    Readings found;
    EXPECT_TRUE(view->read(0, found));
    EXPECT_TRUE(view->read(1, found));
    const auto damaged = view->read(2, found);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().kind, ErrorKind::corrupt);
    EXPECT_TRUE(found.empty());
}

TEST(Together, EachByteOfTheContentsCounts) {
    const auto all = device(8, 4, 20, 0, 0);
    std::string block = encoded(all);
    const auto intact = BlockView::open(block);
    const auto contents = static_cast<std::size_t>(intact->columns()[0].times.data() - block.data());
    for (std::size_t at = 0; at < contents; ++at) {
        for (const unsigned flip : {1u, 0x80u, 0xffu}) {
            block[at] = static_cast<char>(static_cast<unsigned char>(block[at]) ^ flip);
            EXPECT_FALSE(BlockView::open(block)) << at;
            block[at] = static_cast<char>(static_cast<unsigned char>(block[at]) ^ flip);
        }
    }
}

TEST(Together, RollUpsComeBackExactly) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SomeReadings some(seed);
        std::vector<RollUps> all;
        for (std::uint64_t s = 0; s <= seed % 4; ++s) {
            // Numbers only, and times that are not all over the range.
            const Readings readings = some.make(4 + static_cast<unsigned>(some.below(4)),
                                                static_cast<unsigned>(some.below(11)), 1 + some.below(3000));
            RollUps roll_ups;
            roll_up(readings, 0, readings.size(), Level::five_minutes, roll_ups);
            if (!roll_ups.empty()) all.push_back(std::move(roll_ups));
        }
        if (all.empty()) continue;
        std::vector<RollUpColumn> columns;
        for (std::size_t s = 0; s < all.size(); ++s)
            columns.push_back({static_cast<SeriesId>(s + 1), all[s], 0, all[s].size()});
        std::string block;
        encode_block(columns, Level::five_minutes, block);
        const auto view = BlockView::open(block);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->level(), Level::five_minutes);
        const auto plain = Decoder::block(block);
        ASSERT_TRUE(plain);
        for (std::size_t s = 0; s < all.size(); ++s) {
            RollUps found;
            ASSERT_TRUE(view->read(s, found));
            ASSERT_EQ(found.times, all[s].times);
            ASSERT_EQ(found.counts, all[s].counts);
            for (std::size_t i = 0; i < found.size(); ++i) {
                Decoder::Column::RollUp expected{found.times[i], found.counts[i], {}};
                for (std::size_t f = 0; f < RollUps::kFigures; ++f) {
                    expected.figures[f] = std::bit_cast<std::uint64_t>(found.figures[f][i]);
                    ASSERT_EQ(expected.figures[f], std::bit_cast<std::uint64_t>(all[s].figures[f][i]));
                }
                ASSERT_EQ((*plain)[s].roll_ups[i], expected);
            }
        }
        Readings readings;
        EXPECT_FALSE(view->read(0, readings));
    }
}

}  // namespace
}  // namespace pomiar::storage
