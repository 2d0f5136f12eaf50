// Blocks that are not what was written: any damage is noticed by the checksum, and what has a right checksum all the
// same is judged alike by both decoders and never harms.
#include <random>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "storage/codec/block.hpp"
#include "storage/codec/column.hpp"
#include "storage/codec/one_column.hpp"
#include "storage/codec/reference_decoder.hpp"
#include "storage/codec/some_readings.hpp"

namespace pomiar::storage {
namespace {

std::string block_of(const Readings& readings) {
    std::string out;
    encode_one(readings, 0, readings.size(), out);
    return out;
}

void expect_corrupt(std::string_view block, std::size_t where) {
    Readings decoded = SomeReadings(1).make(4, 1, 2);
    const auto result = decode_one(block, decoded);
    ASSERT_FALSE(result) << "byte " << where;
    ASSERT_EQ(result.error().kind, ErrorKind::corrupt);
    ASSERT_TRUE(decoded.empty());
}

std::vector<std::string> sample_blocks(std::size_t count) {
    std::vector<std::string> blocks;
    blocks.reserve(SomeReadings::kValueShapes);
    for (unsigned shape = 0; shape < SomeReadings::kValueShapes; ++shape) {
        blocks.push_back(block_of(SomeReadings(shape).make(shape % SomeReadings::kTimeShapes, shape, count)));
    }
    return blocks;
}

TEST(Damage, EachByteCounts) {
    for (std::string block : sample_blocks(70)) {
        for (std::size_t at = 0; at < block.size(); ++at) {
            for (const unsigned flip : {1u, 0x80u, 0xffu, 0x10u}) {
                block[at] = static_cast<char>(static_cast<unsigned char>(block[at]) ^ flip);
                expect_corrupt(block, at);
                block[at] = static_cast<char>(static_cast<unsigned char>(block[at]) ^ flip);
            }
        }
    }
}

TEST(Damage, EachLengthCounts) {
    for (const std::string& block : sample_blocks(70)) {
        for (std::size_t size = 0; size < block.size(); ++size) expect_corrupt(block.substr(0, size), size);
        expect_corrupt(block + '\0', block.size());
        expect_corrupt(block + block, block.size());
    }
}

TEST(Damage, UnknownVersionIsRefused) {
    std::string block = block_of(SomeReadings(1).make(4, 1, 10));
    block[0] = 3;
    Readings decoded;
    const auto result = decode_one(block, decoded);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::corrupt);
    EXPECT_NE(result.error().message.find("version"), std::string::npos);
}

// Both decoders say the same of a block's body, and find the same in it.
void expect_agreement(std::string_view body, const std::string& what) {
    Readings decoded;
    const bool accepted = codec::decode_body(body, decoded);
    const auto expected = reference::Decoder::body(body);
    ASSERT_EQ(accepted, expected.has_value()) << what;
    if (!accepted) return;
    ASSERT_EQ(decoded.size(), expected->size()) << what;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        const Value value = decoded.value(i);
        const reference::Reading reading{decoded.times[i], static_cast<unsigned>(value.kind), value.bits,
                                         std::string(value.text)};
        ASSERT_EQ(reading, (*expected)[i]) << what << ", reading " << i;
    }
}

TEST(Reference, AgreesOnWhatIsWritten) {
    for (unsigned times = 0; times < SomeReadings::kTimeShapes; ++times) {
        for (unsigned values = 0; values < SomeReadings::kValueShapes; ++values) {
            for (const std::size_t count : {1u, 2u, 3u, 10u, 300u, 3000u}) {
                expect_agreement(body_of(SomeReadings(count).make(times, values, count)),
                                 "shapes " + std::to_string(times) + " and " + std::to_string(values) + ", " +
                                     std::to_string(count) + " readings");
                if (HasFatalFailure()) return;
            }
        }
    }
}

class Mutation : public testing::TestWithParam<unsigned> {};

TEST_P(Mutation, IsJudgedAlike) {
    const unsigned shape = GetParam();
    std::mt19937_64 random(shape);
    for (int round = 0; round < 1500; ++round) {
        const std::size_t count = 1 + random() % (round % 10 == 0 ? 600 : 60);
        std::string body = body_of(SomeReadings(random()).make(static_cast<unsigned>(random() % 8), shape, count));
        for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
            const std::size_t at = random() % std::min<std::size_t>(body.size(), random() % 2 == 0 ? 60 : body.size());
            if (random() % 8 == 0) {
                body.erase(at, 1 + random() % 4);
            } else if (random() % 8 == 0) {
                body.insert(at, 1 + random() % 4, static_cast<char>(random()));
            } else {
                body[at] = static_cast<char>(random());
            }
            if (body.empty()) body = "x";
        }
        expect_agreement(body, "seed " + std::to_string(shape) + ", round " + std::to_string(round));
        if (HasFatalFailure()) return;
    }
}
INSTANTIATE_TEST_SUITE_P(Damage, Mutation, testing::Range(0u, SomeReadings::kValueShapes));

}  // namespace
}  // namespace pomiar::storage
