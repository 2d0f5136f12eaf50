#include "storage/codec/times.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "base/bug.hpp"
#include "storage/codec/companion.hpp"
#include "storage/codec/residuals.hpp"
#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

enum class Transform : std::uint8_t {
    step = 0,       // from the time before
    grid = 1,       // from where a regular grid has its next point
    companion = 2,  // from where another series has its next time
};

constexpr unsigned kFraction = 16;                              // bits of a grid's step below one unit
constexpr std::uint64_t kGridSpanMax = std::uint64_t{1} << 46;  // units; past it steps are all that is tried

// A regular grid that follows gaps: after a time that is nearer to another point than to the expected one, it goes on
// from there.
class Grid {
  public:
    // step: in 1 / 2^16 units, at least one unit.
    explicit Grid(std::uint64_t step) : step_(step), units_(step >> kFraction) {}

    // Units since the first time.
    std::uint64_t expected() const {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(position_) >> kFraction);
    }
    // residual: of the time that was expected there.
    void advance(std::uint64_t residual) {
        position_ += step_;
        const bool early = static_cast<std::int64_t>(residual) < 0;
        const std::uint64_t distance = early ? 0 - residual : residual;
        if (distance > units_ / 2) [[unlikely]] {
            const std::uint64_t points = (distance + units_ / 2) / units_;
            position_ += (early ? 0 - points : points) * step_;
        }
    }

  private:
    std::uint64_t step_;
    std::uint64_t units_;
    std::uint64_t position_ = step_;
};

std::uint64_t unit_of(std::span<const Nanoseconds> times) {
    std::uint64_t unit = 0;
    for (std::size_t i = 1; i < times.size(); ++i) {
        const std::uint64_t step = static_cast<std::uint64_t>(times[i]) - static_cast<std::uint64_t>(times[i - 1]);
        if (unit == 0 || step % unit != 0) unit = std::gcd(unit, step);
        if (unit == 1) break;
    }
    return unit;
}

// Mean step of the points that the times stand for, from the middle of the first half to that of the second, so that
// the jitter of single times does not count. `step` is a first guess.
double mean_step(const std::vector<std::uint64_t>& offsets, std::uint64_t step) {
    double point = 0;
    double points[2] = {0, 0};
    double places[2] = {0, 0};
    const std::size_t half = offsets.size() / 2;
    for (std::size_t i = 0; i < half * 2; ++i) {
        if (i > 0) point += std::round(static_cast<double>(offsets[i] - offsets[i - 1]) / static_cast<double>(step));
        const std::size_t side = i < half ? 0 : 1;
        points[side] += point;
        places[side] += static_cast<double>(offsets[i]);
    }
    return points[1] > points[0] ? (places[1] - places[0]) / (points[1] - points[0]) : 0;
}

Candidate by_step(const std::vector<std::uint64_t>& offsets) {
    Candidate candidate{static_cast<std::uint8_t>(Transform::step), {}, {}};
    candidate.numbers.reserve(offsets.size() - 1);
    for (std::size_t i = 1; i < offsets.size(); ++i) candidate.numbers.push_back(offsets[i] - offsets[i - 1]);
    return candidate;
}

Candidate by_grid(const std::vector<std::uint64_t>& offsets, std::uint64_t step) {
    Candidate candidate{static_cast<std::uint8_t>(Transform::grid), {}, {}};
    ByteWriter(candidate.parameters).varint(step);
    candidate.numbers.reserve(offsets.size() - 1);
    Grid grid(step);
    for (std::size_t i = 1; i < offsets.size(); ++i) {
        candidate.numbers.push_back(offsets[i] - grid.expected());
        grid.advance(candidate.numbers.back());
    }
    return candidate;
}

void add_grids(const std::vector<std::uint64_t>& offsets, std::vector<Candidate>& candidates) {
    if (offsets.size() < 4 || offsets.back() >= kGridSpanMax) return;
    std::vector<std::uint64_t> steps = candidates.front().numbers;
    const auto median = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), median, steps.end());
    const double step = mean_step(offsets, *median);
    const auto whole = static_cast<std::uint64_t>(std::llround(step)) << kFraction;
    const auto exact = static_cast<std::uint64_t>(std::llround(step * (1u << kFraction)));
    if (whole >> kFraction > 0) candidates.push_back(by_grid(offsets, whole));
    if (exact >> kFraction > 0 && exact != whole) candidates.push_back(by_grid(offsets, exact));
}

// Of one time beside a companion's: residuals in nanoseconds.
std::vector<std::uint64_t> beside(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion) {
    std::vector<std::uint64_t> residuals;
    residuals.reserve(times.size());
    Companion follower(companion, times.front());
    for (std::size_t i = 1; i < times.size(); ++i) {
        residuals.push_back(static_cast<std::uint64_t>(times[i]) - follower.expected());
        follower.advance(times[i]);
    }
    return residuals;
}

// The greatest unit that all residuals are whole multiples of; they are divided by it.
std::uint64_t take_unit(std::vector<std::uint64_t>& residuals) {
    std::uint64_t unit = 0;
    const auto size = [](std::uint64_t residual) {
        return static_cast<std::int64_t>(residual) < 0 ? 0 - residual : residual;
    };
    for (const std::uint64_t residual : residuals) {
        if (unit == 0 || size(residual) % unit != 0) unit = std::gcd(unit, size(residual));
        if (unit == 1) return 1;
    }
    if (unit == 0) return 1;
    for (std::uint64_t& residual : residuals) {
        const bool negative = static_cast<std::int64_t>(residual) < 0;
        const std::uint64_t quotient = size(residual) / unit;
        residual = negative ? 0 - quotient : quotient;
    }
    return unit;
}

Candidate by_companion(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion) {
    Candidate candidate{static_cast<std::uint8_t>(Transform::companion), {}, beside(times, companion)};
    ByteWriter(candidate.parameters).varint(take_unit(candidate.numbers));
    return candidate;
}

void decode_steps(std::uint64_t first, std::uint64_t unit, std::span<Nanoseconds> times) {
    std::uint64_t time = first;
    for (Nanoseconds& at : times) {
        time += static_cast<std::uint64_t>(at) * unit;
        at = static_cast<Nanoseconds>(time);
    }
}

void decode_grid(std::uint64_t first, std::uint64_t unit, std::uint64_t step, std::span<Nanoseconds> times) {
    Grid grid(step);
    for (Nanoseconds& at : times) {
        const auto residual = static_cast<std::uint64_t>(at);
        at = static_cast<Nanoseconds>(first + (grid.expected() + residual) * unit);
        grid.advance(residual);
    }
}

void decode_companion(std::span<const Nanoseconds> companion, std::uint64_t unit, Nanoseconds first,
                      std::span<Nanoseconds> times) {
    Companion follower(companion, first);
    for (Nanoseconds& at : times) {
        at = static_cast<Nanoseconds>(follower.expected() + static_cast<std::uint64_t>(at) * unit);
        follower.advance(at);
    }
}

}  // namespace

void encode_times(std::span<const Nanoseconds> times, std::string& out) {
    (void)encode_times(times, {}, out);
}

bool decode_times(ByteReader& in, std::span<Nanoseconds> times) {
    return decode_times(in, {}, times);
}

double rough_companion_bits(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion) {
    constexpr std::size_t kSample = 65;
    const std::size_t start = times.size() > kSample ? (times.size() - kSample) / 2 : 0;
    const auto sample = times.subspan(start, std::min(kSample, times.size()));
    std::vector<std::uint64_t> residuals = beside(sample, companion);
    (void)take_unit(residuals);
    if (std::adjacent_find(residuals.begin(), residuals.end(), std::not_equal_to<>()) == residuals.end()) return 0;
    for (std::uint64_t& residual : residuals) residual = zigzag(static_cast<std::int64_t>(residual));
    return rough_bits(residuals, 1) * static_cast<double>(times.size()) / static_cast<double>(residuals.size());
}

bool encode_times(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion, std::string& out) {
    ByteWriter writer(out);
    const auto first = static_cast<std::uint64_t>(times.front());
    writer.fixed(first);
    if (times.size() == 1) return false;
    const std::uint64_t unit = unit_of(times);
    require(unit > 0, "times of a block ascend");
    writer.varint(unit);
    std::vector<std::uint64_t> offsets;
    offsets.reserve(times.size());
    for (const Nanoseconds time : times) offsets.push_back((static_cast<std::uint64_t>(time) - first) / unit);
    std::vector<Candidate> candidates;
    candidates.push_back(by_step(offsets));
    add_grids(offsets, candidates);
    if (!companion.empty()) candidates.push_back(by_companion(times, companion));
    return encode_best(candidates, out) == static_cast<std::uint8_t>(Transform::companion);
}

bool decode_times(ByteReader& in, std::span<const Nanoseconds> companion, std::span<Nanoseconds> times) {
    const auto first = in.fixed<std::uint64_t>();
    times.front() = static_cast<Nanoseconds>(first);
    if (times.size() == 1) return in.ok();
    const std::uint64_t unit = in.varint();
    ResidualHead head;
    if (!decode_head(in, head)) return false;
    const auto transform = static_cast<Transform>(head.transform);
    if (transform > Transform::companion || (transform == Transform::companion && companion.empty())) return false;
    const std::uint64_t parameter = transform == Transform::step ? 0 : in.varint();
    if (transform == Transform::grid && parameter >> kFraction == 0) return false;
    const std::span<Nanoseconds> rest = times.subspan(1);
    // Signed and unsigned forms of one type may share memory.
    if (!decode_residuals(in, head.shift, {reinterpret_cast<std::uint64_t*>(rest.data()), rest.size()})) return false;
    if (transform == Transform::companion) {
        decode_companion(companion, parameter, times.front(), rest);
    } else if (transform == Transform::grid) {
        decode_grid(first, unit, parameter, rest);
    } else {
        decode_steps(first, unit, rest);
    }
    return std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
}

}  // namespace pomiar::storage::codec
