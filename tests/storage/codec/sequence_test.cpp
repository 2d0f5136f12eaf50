// Every form of a sequence on numbers of every size, also where the plan would never choose it.
#include "storage/codec/sequence.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "storage/codec/contexts.hpp"
#include "storage/codec/tokens.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr unsigned kForms = kTokenForms + std::size(kGrains) * kContextModels;

// Numbers with up to `digits` binary digits, now and then one with all of them.
std::vector<std::uint64_t> some_numbers(std::uint64_t seed, std::size_t count, unsigned digits) {
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> numbers(count);
    for (std::uint64_t& number : numbers) {
        const unsigned kept = static_cast<unsigned>(random() % (digits + 1));
        number = kept == 0 ? 0 : random() >> (64 - kept);
        if (random() % 50 == 0) number = ~std::uint64_t{0} - random() % 2;
    }
    return numbers;
}

void expect_round_trip(const std::vector<std::uint64_t>& numbers, const SequencePlan& plan) {
    std::string bytes = "x";
    encode_sequence(numbers, plan, bytes);
    bytes += "behind";
    ByteReader in(std::string_view(bytes).substr(1));
    std::vector<std::uint64_t> decoded(numbers.size());
    ASSERT_TRUE(decode_sequence(in, decoded));
    ASSERT_EQ(in.left(), 6u);
    ASSERT_EQ(decoded, numbers);
}

TEST(Sequence, EachForm) {
    for (unsigned form = kGolombForm; form < kForms; ++form) {
        for (const unsigned digits : {0u, 1u, 2u, 5u, 8u, 20u, 63u, 64u}) {
            for (const std::size_t count : {1u, 2u, 3u, 7u, 8u, 9u, 17u, 1000u, 65'536u}) {
                SCOPED_TRACE("form " + std::to_string(form) + ", digits " + std::to_string(digits) + ", count " +
                             std::to_string(count));
                const auto k = static_cast<std::uint8_t>(1 + (digits + count) % 63);
                expect_round_trip(some_numbers(count, count, digits), {static_cast<std::uint8_t>(form), k, 0});
                if (HasFatalFailure()) return;
            }
        }
    }
}

TEST(Sequence, PlanTakesTheShortest) {
    for (const unsigned digits : {1u, 3u, 8u, 30u}) {
        const std::vector<std::uint64_t> numbers = some_numbers(7, 2000, digits);
        std::string planned;
        encode_sequence(numbers, planned);
        for (unsigned form = kGolombForm; form < kForms; ++form) {
            std::string other;
            encode_sequence(numbers, {static_cast<std::uint8_t>(form), 1, 0}, other);
            EXPECT_LE(planned.size(), other.size() + other.size() / 50) << "digits " << digits << ", form " << form;
        }
    }
}

TEST(Sequence, NothingTakesNothing) {
    std::string bytes;
    encode_sequence({}, bytes);
    EXPECT_TRUE(bytes.empty());
    ByteReader in("");
    EXPECT_TRUE(decode_sequence(in, {}));
}

TEST(Sequence, TokensTileAllNumbers) {
    for (const unsigned direct_bits : kGrains) {
        EXPECT_EQ(base_of(0, direct_bits), 0u);
        for (unsigned token = 0; token < token_count(direct_bits); ++token) {
            const std::uint64_t first = base_of(token, direct_bits);
            const std::uint64_t last = first + ((std::uint64_t{1} << raw_bits_of(token, direct_bits)) - 1);
            EXPECT_EQ(token_of(first, direct_bits), token);
            EXPECT_EQ(token_of(last, direct_bits), token);
            const bool is_last = token + 1 == token_count(direct_bits);
            EXPECT_EQ(last + 1, is_last ? 0 : base_of(token + 1, direct_bits));
        }
    }
}

}  // namespace
}  // namespace pomiar::storage::codec
