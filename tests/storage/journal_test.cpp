#include "storage/journal/journal.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "storage/journal/points.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage {
namespace {

using namespace std::string_view_literals;

class JournalTest : public ::testing::Test {
  protected:
    Journal::Options options() { return {directory.path() + "/journal", directory.path() + "/damaged", 1u << 20}; }

    Journal open(Position released = 0) {
        seen.clear();
        report = {};
        auto journal = Journal::open(
            options(), real_file_system(), released,
            [&](Position, std::string_view payload) { seen.emplace_back(payload); }, report);
        EXPECT_TRUE(journal) << journal.error().message;
        return std::move(*journal);
    }
    static void add(Journal& journal, std::string_view payload) {
        journal.append(payload);
        ASSERT_TRUE(journal.commit());
    }
    std::string segment(int number) const {
        return directory.path() + "/journal/0000000" + std::to_string(number) + ".journal";
    }
    void overwrite(int number, std::uint64_t offset, std::string_view bytes) const {
        auto file = real_file_system().open(segment(number), OpenMode::write);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(offset, bytes));
    }

    pomiar::test::TemporaryDirectory directory;
    std::vector<std::string> seen;
    JournalReport report;
};

TEST_F(JournalTest, GivesBackWhatWasCommittedInOrder) {
    {
        Journal journal = open();
        add(journal, "one");
        journal.append("two");
        journal.append("three");
        ASSERT_TRUE(journal.commit());
        journal.append("never committed");
    }
    for (int round = 0; round < 2; ++round) {
        Journal journal = open();
        EXPECT_EQ(seen, (std::vector<std::string>{"one", "two", "three"}));
        EXPECT_EQ(report.damaged_spans, 0u);
    }
}

TEST_F(JournalTest, SegmentsHaveOneSizeFromTheirFirstByte) {
    Journal journal = open();
    add(journal, "one");
    EXPECT_EQ(read_whole(real_file_system(), segment(1), 1u << 20)->size(), kSegmentBytes);
}

TEST_F(JournalTest, GoesOnAfterATornTailAndWritesOverIt) {
    {
        Journal journal = open();
        add(journal, "one");
        add(journal, "torn off in the middle of its payload");
    }
    // Frame 1 takes 16 bytes; the second is cut after 10 bytes, as a power cut may do.
    overwrite(1, kSegmentHeaderBytes + 16 + 10, std::string(100, '\0'));
    {
        Journal journal = open();
        EXPECT_EQ(seen, std::vector<std::string>{"one"});
        EXPECT_EQ(report.damaged_spans, 0u);
        add(journal, "two");
    }
    open();
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
}

TEST_F(JournalTest, DamageInTheMiddleCostsOnlyItselfAndIsKeptAside) {
    {
        Journal journal = open();
        for (int i = 0; i < 10; ++i) add(journal, "record " + std::to_string(i));
    }
    overwrite(1, kSegmentHeaderBytes + 3 * 16 + 9, "X");
    Journal journal = open();
    ASSERT_EQ(seen.size(), 9u);
    EXPECT_EQ(seen[2], "record 2");
    EXPECT_EQ(seen[3], "record 4");
    ASSERT_EQ(report.damaged_spans, 1u);
    EXPECT_NE(report.messages[0].find("00000001.journal, byte 80: damaged records (16 bytes)"), std::string::npos)
        << report.messages[0];
    const auto kept = real_file_system().list(directory.path() + "/damaged");
    ASSERT_TRUE(kept);
    EXPECT_EQ(*kept, std::vector<std::string>{"journal-1-80"});
    EXPECT_EQ(read_whole(real_file_system(), directory.path() + "/damaged/journal-1-80", 100)->size(), 16u);
}

TEST_F(JournalTest, ADamagedHeaderLosesNoRecords) {
    {
        Journal journal = open();
        for (int i = 0; i < 5; ++i) add(journal, "record " + std::to_string(i));
    }
    overwrite(1, 4, "XXXX");
    open();
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(report.damaged_spans, 1u);
    open();
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_EQ(report.damaged_spans, 0u) << "it was mended";
}

TEST_F(JournalTest, RecordsOfASegmentsEarlierLifeNeverComeBack) {
    Position end = 0;
    {
        Journal journal = open();
        const std::string big(60'000, 'a');
        for (int i = 0; i < 20; ++i) add(journal, big);
        end = journal.end();
        journal.release(end);
        for (int i = 0; i < 9; ++i) add(journal, "new " + std::to_string(i) + std::string(50'000, 'b'));
    }
    open(end);
    ASSERT_EQ(seen.size(), 9u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].substr(0, 5), "new " + std::to_string(i));
    EXPECT_EQ(report.damaged_spans, 0u);
}

TEST_F(JournalTest, ReleaseReusesFilesInsteadOfMakingNewOnes) {
    Journal journal = open();
    const std::string big(100'000, 'a');
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 4; ++i) add(journal, big);
        journal.release(journal.end());
    }
    EXPECT_LE(real_file_system().list(directory.path() + "/journal")->size(), 4u);
}

TEST_F(JournalTest, AFullJournalRefusesUntilItIsReleased) {
    Journal journal = open();
    const std::string big(100'000, 'a');
    Result<> committed;
    int count = 0;
    for (; committed && count < 1000; ++count) {
        journal.append(big);
        committed = journal.commit();
    }
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().kind, ErrorKind::full);
    EXPECT_TRUE(journal.wants_sealing());
    journal.release(journal.end());
    add(journal, "room again");
}

TEST_F(JournalTest, InspectSeesTheSameAndChangesNothing) {
    {
        Journal journal = open();
        for (int i = 0; i < 10; ++i) add(journal, "record " + std::to_string(i));
    }
    overwrite(1, kSegmentHeaderBytes + 9, "X");
    const std::string before = *read_whole(real_file_system(), segment(1), 1u << 20);
    std::size_t records = 0;
    const auto inspected = Journal::inspect(options().directory, "", real_file_system(), 0,
                                            [&](Position, std::string_view) { ++records; });
    ASSERT_TRUE(inspected);
    EXPECT_EQ(records, 9u);
    EXPECT_EQ(inspected->damaged_spans, 1u);
    EXPECT_EQ(*read_whole(real_file_system(), segment(1), 1u << 20), before);
}

TEST_F(JournalTest, EveryCutOfTheFileGivesAPrefix) {
    {
        Journal journal = open();
        for (int i = 0; i < 8; ++i) add(journal, "record number " + std::to_string(i));
    }
    const std::string whole = *read_whole(real_file_system(), segment(1), 1u << 20);
    for (std::size_t cut = kSegmentHeaderBytes; cut < kSegmentHeaderBytes + 8 * 24; ++cut) {
        std::string bytes = whole.substr(0, cut);
        bytes.resize(kSegmentBytes, '\xee');
        std::size_t count = 0;
        const SegmentContents contents = read_segment(bytes, 1, [&](Position, std::string_view payload) {
            EXPECT_EQ(payload, "record number " + std::to_string(count));
            ++count;
        });
        EXPECT_GE(count, (cut - kSegmentHeaderBytes) / 24);
        EXPECT_TRUE(contents.damaged.empty());
    }
}

TEST_F(JournalTest, EveryFlippedByteCostsAtMostItsOwnRecord) {
    {
        Journal journal = open();
        for (int i = 0; i < 8; ++i) add(journal, "record number " + std::to_string(i));
    }
    const std::string whole = *read_whole(real_file_system(), segment(1), 1u << 20);
    for (std::size_t at = kSegmentHeaderBytes; at < kSegmentHeaderBytes + 8 * 24; ++at) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
        std::size_t count = 0;
        read_segment(bytes, 1, [&](Position, std::string_view payload) {
            ++count;
            EXPECT_EQ(payload.substr(0, 14), "record number ");
        });
        EXPECT_GE(count, 7u) << at;  // 8 where the flipped byte is padding
    }
}

struct Collect final : PayloadVisitor {
    Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType) override {
        text += "series " + std::to_string(id) + " " + std::string(sensor) + " " + std::string(field) + "\n";
        return {};
    }
    Result<> point(SeriesId id, Nanoseconds time, const Value& value) override {
        points.emplace_back(id, time, value);
        return {};
    }
    Result<> removal(const std::vector<SeriesId>& ids, TimeRange range) override {
        text += "removal " + std::to_string(range.from) + " " + std::to_string(range.to);
        for (const SeriesId id : ids) text += " " + std::to_string(id);
        text += "\n";
        return {};
    }
    Result<> untimed(std::string_view boot, SeriesId id, Nanoseconds since_boot, const Value& value) override {
        text += "untimed " + std::string(boot) + "\n";
        return point(id, since_boot, value);
    }
    Result<> ahead(SeriesId id, Nanoseconds time, const Value& value) override {
        text += "ahead\n";
        return point(id, time, value);
    }
    Result<> timed(std::string_view boot, Nanoseconds booted) override {
        text += "timed " + std::string(boot) + " " + std::to_string(booted) + "\n";
        return {};
    }
    Result<> come(Nanoseconds until) override {
        text += "come " + std::to_string(until) + "\n";
        return {};
    }
    std::string text;
    std::vector<std::tuple<SeriesId, Nanoseconds, Value>> points;
};

TEST(Payload, RemovalsComeBackExactly) {
    Collect collect;
    ASSERT_TRUE(read_payload(removal_payload({1, 2, 500, 0xffff'ffff}, {-5, 7}), collect));
    ASSERT_TRUE(read_payload(removal_payload({9}, kAllTime), collect));
    EXPECT_EQ(collect.text, "removal -5 7 1 2 500 4294967295\nremoval -9223372036854775808 9223372036854775807 9\n");
    EXPECT_FALSE(read_payload(removal_payload({9}, {7, 7}), collect));
    EXPECT_FALSE(read_payload(removal_payload({}, {6, 7}), collect));
    EXPECT_FALSE(read_payload(removal_payload({3, 3}, {6, 7}), collect));
}

TEST(Payload, PointsComeBackExactly) {
    std::mt19937_64 random(4);
    for (int round = 0; round < 200; ++round) {
        PointsPayload payload;
        std::vector<std::tuple<SeriesId, Nanoseconds, Value>> points;
        for (int i = 0; i < 50; ++i) {
            const auto kind = static_cast<ValueKind>(random() % 5);
            Value value{kind, random() >> (random() % 64), {}};
            if (kind == ValueKind::boolean) value.bits &= 1;
            if (kind == ValueKind::text) value = Value::of(std::string_view("some text").substr(random() % 9));
            points.emplace_back(static_cast<SeriesId>(1 + random() % 0xffff'fffe), static_cast<Nanoseconds>(random()),
                                value);
            payload.add(std::get<0>(points.back()), std::get<1>(points.back()), value);
        }
        Collect collect;
        ASSERT_TRUE(read_payload(payload.bytes(), collect));
        EXPECT_EQ(collect.points, points);
    }
}

TEST(Payload, ReadingsThatWaitComeBackExactly) {
    PointsPayload untimed = PointsPayload::untimed("boot-1");
    PointsPayload ahead = PointsPayload::ahead();
    for (int round = 0; round < 2; ++round) {
        untimed.add(7, 20 * kSecond, Value::of(1.5));
        untimed.add(8, 19 * kSecond, Value::of(std::string_view("open")));
        ahead.add(7, std::numeric_limits<Nanoseconds>::max() - 1, Value::of(true));
        Collect collect;
        const std::array payloads{std::string(untimed.bytes()), std::string(ahead.bytes()), timed_payload("boot-1", -3),
                                  come_payload(1'795'456'800 * kSecond)};  // whose bytes a text is of
        for (const std::string& payload : payloads) ASSERT_TRUE(read_payload(payload, collect));
        EXPECT_EQ(collect.text, "untimed boot-1\nuntimed boot-1\nahead\ntimed boot-1 -3\ncome 1795456800000000000\n");
        ASSERT_EQ(collect.points.size(), 3u);
        EXPECT_EQ(collect.points[1], std::tuple(SeriesId{8}, 19 * kSecond, Value::of(std::string_view("open"))));
        EXPECT_EQ(std::get<1>(collect.points[2]), std::numeric_limits<Nanoseconds>::max() - 1);
        untimed.clear();
        ahead.clear();
    }
}

TEST(Payload, WhatWaitsMustMakeSenseToo) {
    const std::string timed = timed_payload("boot-1", 5);
    Collect collect;
    for (const std::string& wrong : {timed.substr(0, timed.size() - 1), timed + "x", std::string("\x06"),
                                     std::string("\x06\x41") + std::string(0x41, 'b'), std::string("\x0a"),
                                     come_payload(9) + "x", std::string("\x07\x01")}) {
        const auto read = read_payload(wrong, collect);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().kind, ErrorKind::corrupt);
    }
}

// The example of docs/formats/journal.md, as bytes that every later version must read.
TEST(Payload, GoldenSegmentOfVersion1IsReadForever) {
    const auto bytes = read_whole(real_file_system(), POMIAR_SOURCE_DIR "/tests/golden/journal-v1.bin", 1024);
    ASSERT_TRUE(bytes);
    ASSERT_EQ(parse_segment_header(*bytes), 1u);
    Collect collect;
    const SegmentContents contents = read_segment(
        *bytes, 1, [&](Position, std::string_view payload) { EXPECT_TRUE(read_payload(payload, collect)); });
    EXPECT_EQ(collect.text, "series 1 a t\n");
    ASSERT_EQ(collect.points.size(), 1u);
    EXPECT_EQ(collect.points[0], std::tuple(SeriesId{1}, Nanoseconds{1'795'456'800'000'000'000}, Value::of(21.5)));
    EXPECT_TRUE(contents.damaged.empty());

    std::string written = segment_header(1);
    append_frame(written, position(1, written.size()), series_payload({1, "a", "t", SeriesType::number}));
    append_frame(written, position(1, written.size()),
                 "\x02\x08\x80\x80\xfa\xd8\xcc\x9c\xdf\xea\x31\x00\x00\x00\x00\x00\x80\x35\x40"sv);
    written.resize(bytes->size(), '\0');
    EXPECT_EQ(written, *bytes);
}

TEST(Payload, WrongBytesAreRefused) {
    Collect collect;
    for (std::string_view bytes : {""sv, "\x01"sv, "\x02\x08"sv, "\x02\x07\x00"sv, "\x01\x00\x00\x00\x00"sv}) {
        EXPECT_FALSE(read_payload(bytes, collect)) << bytes.size();
    }
    for (std::string_view bytes :
         {"\x09\x80"sv, "\x09\x00"sv, "\x09\x42"sv, "\x09\x02\x0a\x02"sv, "\x09\x28\x80"sv, "\x09\x40\x00"sv}) {
        EXPECT_FALSE(read_payload(bytes, collect)) << bytes.size();
    }
    const auto newer = read_payload("\x7f", collect);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace pomiar::storage
