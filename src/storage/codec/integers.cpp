#include "storage/codec/integers.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "storage/codec/residuals.hpp"

namespace pomiar::storage::codec {
namespace {

enum class Transform : std::uint8_t {
    level = 0,   // from the first value
    step = 1,    // from the value before
    change = 2,  // from the value before and the step that led to it
};

std::uint64_t magnitude(std::uint64_t number) {
    return static_cast<std::int64_t>(number) < 0 ? 0 - number : number;
}

// The largest number of which every distance from the first value is a multiple; 0: all are equal.
std::uint64_t unit_of(std::span<const std::uint64_t> integers) {
    std::uint64_t unit = 0;
    for (std::uint64_t integer : integers) {
        const std::uint64_t distance = magnitude(integer - integers.front());
        if (distance == 0) continue;
        if (unit == 0 || distance % unit != 0) unit = std::gcd(unit, distance);
        if (unit == 1) break;
    }
    return unit;
}

std::vector<std::uint64_t> levels_of(std::span<const std::uint64_t> integers, std::uint64_t unit) {
    std::vector<std::uint64_t> levels;
    levels.reserve(integers.size() - 1);
    for (std::uint64_t integer : integers.subspan(1)) {
        const std::uint64_t distance = integer - integers.front();
        const std::uint64_t units = unit == 1 ? magnitude(distance) : magnitude(distance) / unit;
        levels.push_back(static_cast<std::int64_t>(distance) < 0 ? 0 - units : units);
    }
    return levels;
}

std::vector<std::uint64_t> steps_of(const std::vector<std::uint64_t>& numbers) {
    std::vector<std::uint64_t> steps(numbers.size());
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        steps[i] = numbers[i] - before;
        before = numbers[i];
    }
    return steps;
}

void sum_up(std::span<std::uint64_t> numbers) {
    std::uint64_t sum = 0;
    for (std::uint64_t& number : numbers) number = sum += number;
}

}  // namespace

void encode_integers(std::span<const std::uint64_t> integers, std::string& out) {
    ByteWriter writer(out);
    writer.signed_varint(static_cast<std::int64_t>(integers.front()));
    if (integers.size() == 1) return;
    const std::uint64_t unit = unit_of(integers);
    writer.varint(unit);
    if (unit == 0) return;
    std::vector<Candidate> candidates(3);
    candidates[0] = {static_cast<std::uint8_t>(Transform::level), {}, levels_of(integers, unit)};
    candidates[1] = {static_cast<std::uint8_t>(Transform::step), {}, steps_of(candidates[0].numbers)};
    candidates[2] = {static_cast<std::uint8_t>(Transform::change), {}, steps_of(candidates[1].numbers)};
    encode_best(candidates, out);
}

bool decode_integers(ByteReader& in, std::span<std::uint64_t> integers) {
    const auto first = static_cast<std::uint64_t>(in.signed_varint());
    integers.front() = first;
    if (integers.size() == 1) return in.ok();
    const std::span<std::uint64_t> rest = integers.subspan(1);
    const std::uint64_t unit = in.varint();
    if (!in.ok()) return false;
    if (unit == 0) {
        std::fill(rest.begin(), rest.end(), first);
        return true;
    }
    ResidualHead head;
    if (!decode_head(in, head) || head.transform > static_cast<std::uint8_t>(Transform::change)) return false;
    if (!decode_residuals(in, head.shift, rest)) return false;
    for (unsigned times = head.transform; times > 0; --times) sum_up(rest);
    for (std::uint64_t& number : rest) number = first + number * unit;
    return true;
}

}  // namespace pomiar::storage::codec
