#include "storage/codec/residuals.hpp"

#include <algorithm>

#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr std::size_t kPlannedMax = 2;     // how many ways are looked at closely,
constexpr double kHopeless = 1.5;          // if they are not this much worse at a rough look
constexpr std::size_t kRoughSample = 256;  // numbers that the rough look takes in,
constexpr std::size_t kMiddleOf = 64;      // and those of them whose middle is theirs

struct Way {
    const Candidate* candidate;
    Shift shift;
    std::uint64_t base;
    double rough_bits;
};

std::int64_t least(std::span<const std::uint64_t> numbers) {
    auto found = static_cast<std::int64_t>(numbers.front());
    for (std::uint64_t number : numbers) found = std::min(found, static_cast<std::int64_t>(number));
    return found;
}

std::vector<std::uint64_t> every(std::size_t step, const std::vector<std::uint64_t>& numbers) {
    std::vector<std::uint64_t> sample;
    sample.reserve(numbers.size() / step + 1);
    for (std::size_t i = 0; i < numbers.size(); i += step) sample.push_back(numbers[i]);
    return sample;
}

std::int64_t middle(const std::vector<std::uint64_t>& numbers) {
    std::vector<std::uint64_t> sample = every(numbers.size() / kMiddleOf + 1, numbers);
    const auto median = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
    std::nth_element(sample.begin(), median, sample.end(), [](std::uint64_t a, std::uint64_t b) {
        return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
    });
    return static_cast<std::int64_t>(*median);
}

std::vector<std::uint64_t> shifted(const std::vector<std::uint64_t>& from, Shift shift, std::uint64_t base) {
    std::vector<std::uint64_t> numbers(from.size());
    if (shift == Shift::from_least) {
        for (std::size_t i = 0; i < from.size(); ++i) numbers[i] = from[i] - base;
    } else {
        for (std::size_t i = 0; i < from.size(); ++i) numbers[i] = zigzag(static_cast<std::int64_t>(from[i] - base));
    }
    return numbers;
}

// All ways, the most promising first.
std::vector<Way> ways_of(const std::vector<Candidate>& candidates) {
    std::vector<Way> ways;
    for (const Candidate& candidate : candidates) {
        const std::size_t step = candidate.numbers.size() / kRoughSample + 1;
        const std::vector<std::uint64_t> sample = every(step, candidate.numbers);
        for (const Shift shift : {Shift::from_least, Shift::from_middle}) {
            const auto base =
                static_cast<std::uint64_t>(shift == Shift::from_least ? least(candidate.numbers) : middle(sample));
            ways.push_back({&candidate, shift, base, rough_bits(shifted(sample, shift, base), step)});
        }
    }
    std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.rough_bits < b.rough_bits; });
    return ways;
}

void write(const Way& way, std::span<const std::uint64_t> numbers, const SequencePlan& plan, std::string& out) {
    ByteWriter writer(out);
    writer.fixed(static_cast<std::uint8_t>(way.candidate->transform | static_cast<unsigned>(way.shift) << 4));
    writer.bytes(way.candidate->parameters);
    writer.signed_varint(static_cast<std::int64_t>(way.base));
    encode_sequence(numbers, plan, out);
}

}  // namespace

std::uint8_t encode_best(const std::vector<Candidate>& candidates, std::string& out) {
    const std::vector<Way> ways = ways_of(candidates);
    const Way* best = nullptr;
    SequencePlan best_plan;
    std::vector<std::uint64_t> best_numbers;
    for (std::size_t i = 0; i < std::min(ways.size(), kPlannedMax); ++i) {
        if (ways[i].rough_bits > ways.front().rough_bits * kHopeless) break;
        std::vector<std::uint64_t> numbers = shifted(ways[i].candidate->numbers, ways[i].shift, ways[i].base);
        const SequencePlan plan = plan_sequence(numbers);
        if (best != nullptr && plan.bits >= best_plan.bits) continue;
        best = &ways[i];
        best_plan = plan;
        best_numbers = std::move(numbers);
    }
    write(*best, best_numbers, best_plan, out);
    return best->candidate->transform;
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
