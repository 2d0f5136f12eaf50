#include "storage/codec/roll_ups.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pomiar::storage {
namespace {

Nanoseconds span_start(Nanoseconds time, Nanoseconds span) {
    const Nanoseconds rest = time % span;
    const Nanoseconds back = rest < 0 ? rest + span : rest;
    // Of the very first times there can be, the span begins with them.
    return time < std::numeric_limits<Nanoseconds>::min() + back ? std::numeric_limits<Nanoseconds>::min()
                                                                 : time - back;
}

// Adds row i of `from`, which is later than all that `out`'s last span has, to that span.
void extend(const RollUps& from, std::size_t i, RollUps& out) {
    const std::size_t at = out.size() - 1;
    const auto& figures = from.figures;
    out.counts[at] += from.counts[i];
    out.figures[RollUps::min][at] = std::min(out.figures[RollUps::min][at], figures[RollUps::min][i]);
    out.figures[RollUps::max][at] = std::max(out.figures[RollUps::max][at], figures[RollUps::max][i]);
    out.figures[RollUps::last][at] = figures[RollUps::last][i];
    out.figures[RollUps::sum][at] += figures[RollUps::sum][i];
}

bool same(const RollUps& a, std::size_t i, const RollUps& b, std::size_t j) {
    if (a.counts[i] != b.counts[j]) return false;
    for (std::size_t f = 0; f < RollUps::kFigures; ++f) {
        if (std::bit_cast<std::uint64_t>(a.figures[f][i]) != std::bit_cast<std::uint64_t>(b.figures[f][j]))
            return false;
    }
    return true;
}

// The numbers of one span, while they are gone through.
class Span {
  public:
    void add(double number) {
        if (count_ == 0) first_ = min_ = max_ = number;
        min_ = number < min_ ? number : min_;
        max_ = number > max_ ? number : max_;
        last_ = number;
        const double sum = sum_ + number;
        compensation_ += std::fabs(sum_) >= std::fabs(number) ? (sum_ - sum) + number : (number - sum) + sum_;
        sum_ = sum;
        ++count_;
    }
    // Ends it. Of no numbers nothing is left.
    void write(Nanoseconds start, RollUps& out) {
        if (count_ == 0) return;
        RollUps one;
        one.times = {start};
        one.counts = {count_};
        const double sum = std::isfinite(sum_) ? sum_ + compensation_ : sum_;  // Neumaier
        one.figures = {std::vector{first_}, {min_}, {max_}, {last_}, {sum}};
        if (!out.empty() && out.times.back() == start) {
            extend(one, 0, out);
        } else {
            out.push(one, 0);
        }
        *this = {};
    }

  private:
    std::uint64_t count_ = 0;
    double first_ = 0, min_ = 0, max_ = 0, last_ = 0, sum_ = 0, compensation_ = 0;
};

}  // namespace

void RollUps::clear() {
    times.clear();
    counts.clear();
    for (auto& figure : figures) figure.clear();
}

void RollUps::resize(std::size_t count) {
    times.resize(count);
    counts.resize(count);
    for (auto& figure : figures) figure.resize(count);
}

void RollUps::push(const RollUps& from, std::size_t i) {
    times.push_back(from.times[i]);
    counts.push_back(from.counts[i]);
    for (std::size_t f = 0; f < kFigures; ++f) figures[f].push_back(from.figures[f][i]);
}

void roll_up(const Readings& readings, std::size_t from, std::size_t to, Level level, RollUps& out) {
    Span span;
    Nanoseconds start = 0;
    for (std::size_t i = from; i < to; ++i) {
        if (readings.kinds[i] == ValueKind::text) continue;
        const double number = Value{readings.kinds[i], readings.bits[i], {}}.as_double();
        if (std::isnan(number)) continue;
        const Nanoseconds at = readings.times[i];
        const bool inside = i != from && at >= start &&
                            static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(start) <
                                static_cast<std::uint64_t>(span_of(level));
        if (!inside) {
            span.write(start, out);
            start = span_start(at, span_of(level));
        }
        span.add(number);
    }
    span.write(start, out);
}

void roll_up(const RollUps& finer, std::size_t from, std::size_t to, Level level, RollUps& out) {
    for (std::size_t i = from; i < to; ++i) {
        const Nanoseconds start = span_start(finer.times[i], span_of(level));
        if (!out.empty() && out.times.back() == start) {
            extend(finer, i, out);
        } else {
            out.push(finer, i);
            out.times.back() = start;
        }
    }
}

RollUps combine(const RollUps& a, const RollUps& b) {
    RollUps out;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (j == b.size() || (i < a.size() && a.times[i] < b.times[j])) {
            out.push(a, i++);
        } else if (i == a.size() || b.times[j] < a.times[i]) {
            out.push(b, j++);
        } else {
            out.push(a, i);
            if (!same(a, i, b, j)) extend(b, j, out);
            ++i;
            ++j;
        }
    }
    return out;
}

}  // namespace pomiar::storage
