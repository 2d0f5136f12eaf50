#include "storage/codec/residuals.hpp"

#include <algorithm>

#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr std::size_t kPlannedMax = 3;      // how many ways are looked at closely
constexpr std::size_t kMedianSample = 255;  // near enough, and quick

struct Way {
    const Candidate* candidate;
    Shift shift;
    std::uint64_t base;
    std::vector<std::uint64_t> numbers;
    double bits;
};

std::int64_t least(const std::vector<std::uint64_t>& numbers) {
    std::int64_t found = static_cast<std::int64_t>(numbers.front());
    for (std::uint64_t number : numbers) found = std::min(found, static_cast<std::int64_t>(number));
    return found;
}

std::int64_t middle(const std::vector<std::uint64_t>& numbers) {
    std::vector<std::int64_t> sample;
    const std::size_t step = numbers.size() / kMedianSample + 1;
    for (std::size_t i = 0; i < numbers.size(); i += step) sample.push_back(static_cast<std::int64_t>(numbers[i]));
    const auto median = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
    std::nth_element(sample.begin(), median, sample.end());
    return *median;
}

Way make_way(const Candidate& candidate, Shift shift) {
    const std::vector<std::uint64_t>& from = candidate.numbers;
    const auto base = static_cast<std::uint64_t>(shift == Shift::from_least ? least(from) : middle(from));
    Way way{&candidate, shift, base, std::vector<std::uint64_t>(from.size()), 0};
    if (shift == Shift::from_least) {
        for (std::size_t i = 0; i < from.size(); ++i) way.numbers[i] = from[i] - base;
    } else {
        for (std::size_t i = 0; i < from.size(); ++i)
            way.numbers[i] = zigzag(static_cast<std::int64_t>(from[i] - base));
    }
    way.bits = rough_bits(way.numbers);
    return way;
}

}  // namespace

void encode_best(std::vector<Candidate> candidates, std::string& out) {
    std::vector<Way> ways;
    for (const Candidate& candidate : candidates) {
        ways.push_back(make_way(candidate, Shift::from_least));
        ways.push_back(make_way(candidate, Shift::from_middle));
    }
    std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.bits < b.bits; });
    std::size_t best = 0;
    SequencePlan best_plan;
    for (std::size_t i = 0; i < std::min(ways.size(), kPlannedMax); ++i) {
        const SequencePlan plan = plan_sequence(ways[i].numbers);
        if (i > 0 && plan.bits >= best_plan.bits) continue;
        best = i;
        best_plan = plan;
    }
    const Way& way = ways[best];
    ByteWriter writer(out);
    writer.fixed(static_cast<std::uint8_t>(way.candidate->transform | static_cast<unsigned>(way.shift) << 4));
    writer.bytes(way.candidate->parameters);
    writer.signed_varint(static_cast<std::int64_t>(way.base));
    encode_sequence(way.numbers, best_plan, out);
}

bool decode_head(ByteReader& in, ResidualHead& head) {
    const auto byte = in.fixed<std::uint8_t>();
    if (!in.ok() || byte >> 4 > static_cast<unsigned>(Shift::from_middle)) return false;
    head = {static_cast<std::uint8_t>(byte & 0x0f), static_cast<Shift>(byte >> 4)};
    return true;
}

bool decode_residuals(ByteReader& in, Shift shift, std::span<std::uint64_t> numbers) {
    const auto base = static_cast<std::uint64_t>(in.signed_varint());
    if (!in.ok() || !decode_sequence(in, numbers)) return false;
    if (shift == Shift::from_least) {
        for (std::uint64_t& number : numbers) number += base;
    } else {
        for (std::uint64_t& number : numbers) number = base + static_cast<std::uint64_t>(unzigzag(number));
    }
    return true;
}

}  // namespace pomiar::storage::codec
