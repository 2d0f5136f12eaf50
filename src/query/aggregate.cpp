#include "query/aggregate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "query/counter.hpp"
#include "query/number.hpp"

namespace pomiar::query {
namespace {

using storage::Readings;
using storage::Summary;
using storage::Value;
using storage::ValueKind;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSummarised = 3'600'000'000'000;  // the shortest span that is summarised: an hour
constexpr double kExactBelow = 0x1p53;                    // every integer smaller than this is a double

// Which figures the functions asked for need kept.
struct Needs {
    bool extremes = false;
    bool ends = false;
    bool sum = false;
    bool rate = false;
    bool text = false;

    Needs(const std::vector<Function>& functions, bool is_text) : text(is_text) {
        for (const Function function : functions) {
            extremes |= function == Function::min || function == Function::max;
            ends |= function == Function::first || function == Function::last;
            sum |= function == Function::mean || function == Function::sum;
            rate |= function == Function::rate;
        }
    }
};

// What one bucket has seen so far.
struct Bucket {
    std::uint64_t count = 0;    // readings
    std::uint64_t numbers = 0;  // of which are not NaN; kept when the sum is
    Sum sum;
    Value min = Value::of(kNone);
    Value max = Value::of(kNone);
    Value first = Value::of(kNone);
    Value last = Value::of(kNone);
    std::string first_text;
    std::string last_text;
    double increase = 0;
    double seconds = 0;

    void set_first(const Value& value) {
        first = value;
        first_text.assign(value.text);
        first.text = first_text;
    }
    void set_last(const Value& value) {
        last = value;
        last_text.assign(value.text);
        last.text = last_text;
    }
    void widen(const Value& low, const Value& high) {
        if (is_nan(min) || less(low, min)) min = low;
        if (is_nan(max) || less(max, high)) max = high;
    }
    void clear() {
        count = 0;
        numbers = 0;
        sum = Sum{};
        min = max = Value::of(kNone);
        increase = seconds = 0;
    }
};

class Bucketing final : public storage::Visitor {
  public:
    Bucketing(const BucketQuery& query, Nanoseconds origin, const Needs& needs, Buckets& out)
        : needs_(needs), from_(static_cast<std::uint64_t>(origin)), out_(out) {
        for (const Function function : query.functions) out_.columns.push_back({function, {}, {}});
    }

    bool wants_summaries() const override { return !needs_.rate && out_.width >= kSummarised; }

    // Of readings whose time is over: what there is must do, in the bucket that it begins in.
    bool take_rolled_up(const Summary& summary) override {
        enter(index_of(summary.start));
        add(summary);
        if (needs_.rate) {
            count(summary.start, Value::of(summary.first));
            if (summary.count > 1) count(summary.end, Value::of(summary.last));
        }
        return !overflowed();
    }

    bool take(const Summary& summary) override {
        const std::uint64_t index = index_of(summary.start);
        if (index_of(summary.end) != index || !is_enough(summary)) return false;
        enter(index);
        add(summary);
        return true;
    }

    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        while (first < last && !overflowed()) {
            const std::uint64_t index = index_of(readings.times[first]);
            enter(index);
            const std::size_t end = end_of_bucket(readings.times, first, last);
            add(readings, first, end);
            first = end;
        }
        return !overflowed();
    }

    void finish() {
        if (bucket_.count != 0) close();
    }
    bool overflowed() const { return out_.text.size() > kTextBytesMax; }

  private:
    // What the counter grew since the reading before, across buckets.
    void count(Nanoseconds time, const Value& value) {
        const auto step = counter_.take(time, value);
        if (!step) return;
        bucket_.increase += step->increase;
        bucket_.seconds += step->seconds;
    }

    // Distances from the first bucket's start are unsigned, as the range may be longer than int64 reaches.
    std::uint64_t distance(Nanoseconds time) const { return static_cast<std::uint64_t>(time) - from_; }
    std::uint64_t index_of(Nanoseconds time) const { return distance(time) / out_.width; }

    void enter(std::uint64_t index) {
        if (bucket_.count != 0 && index == index_) return;
        finish();
        index_ = index;
    }

    std::size_t end_of_bucket(const std::vector<Nanoseconds>& times, std::size_t first, std::size_t last) const {
        const std::uint64_t last_distance = index_ * out_.width + (out_.width - 1);
        const bool endless = last_distance < out_.width - 1;  // wrapped: the bucket reaches past all times
        if (endless || distance(times[last - 1]) <= last_distance) return last;
        const auto begin = times.begin();
        const auto found =
            std::partition_point(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
                                 [&](Nanoseconds time) { return distance(time) <= last_distance; });
        return static_cast<std::size_t>(found - begin);
    }

    // A summary is all doubles and knows no order inside.
    bool is_enough(const Summary& summary) const {
        if (needs_.text) return !needs_.ends;
        if (needs_.rate || std::isnan(summary.sum)) return false;
        const bool exact = std::abs(summary.min) < kExactBelow && std::abs(summary.max) < kExactBelow;
        return exact || !(needs_.extremes || needs_.ends);
    }

    void add(const Summary& summary) {
        if (needs_.ends && !needs_.text) {
            if (bucket_.count == 0) bucket_.set_first(Value::of(summary.first));
            bucket_.set_last(Value::of(summary.last));
        }
        if (needs_.extremes) bucket_.widen(Value::of(summary.min), Value::of(summary.max));
        if (needs_.sum) bucket_.sum.add(summary.sum);
        bucket_.numbers += summary.count;
        bucket_.count += summary.count;
    }

    void add(const Readings& readings, std::size_t first, std::size_t last) {
        if (needs_.ends) {
            if (bucket_.count == 0) bucket_.set_first(readings.value(first));
            bucket_.set_last(readings.value(last - 1));
        }
        bucket_.count += last - first;
        if (needs_.sum) add_sum(readings, first, last);
        if (needs_.extremes) add_extremes(readings, first, last);
        if (needs_.rate) {
            for (std::size_t i = first; i < last; ++i) count(readings.times[i], readings.value(i));
        }
    }

    // Four sums side by side, as one by itself would wait for each of its additions. False, and nothing is added, where
    // not all are numbers and doubles.
    bool add_doubles(const Readings& readings, std::size_t first, std::size_t last) {
        const auto begin = readings.kinds.begin();
        const bool doubles =
            std::all_of(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
                        [](ValueKind kind) { return kind == ValueKind::float64; });
        if (!doubles) return false;
        std::array<Sum, 4> sums;
        const auto number = [&](std::size_t i) { return std::bit_cast<double>(readings.bits[i]); };
        std::size_t i = first;
        for (; last - i >= sums.size(); i += sums.size()) {
            for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane].add(number(i + lane));
        }
        for (; i < last; ++i) sums[0].add(number(i));
        Sum all = bucket_.sum;
        for (const Sum& sum : sums) all.add(sum);
        if (std::isnan(all.value())) return false;
        bucket_.sum = all;
        bucket_.numbers += last - first;
        return true;
    }

    void add_sum(const Readings& readings, std::size_t first, std::size_t last) {
        if (add_doubles(readings, first, last)) return;
        for (std::size_t i = first; i < last; ++i) {
            const double number = Value{readings.kinds[i], readings.bits[i], {}}.as_double();
            if (std::isnan(number)) continue;
            bucket_.sum.add(number);
            ++bucket_.numbers;
        }
    }

    void add_extremes(const Readings& readings, std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const Value value{readings.kinds[i], readings.bits[i], {}};
            if (!is_nan(value)) bucket_.widen(value, value);
        }
    }

    void close() {
        out_.times.push_back(static_cast<Nanoseconds>(from_ + index_ * out_.width));
        for (Column& column : out_.columns) push(column, figure(column.function));
        bucket_.clear();
    }

    Value figure(Function function) const {
        switch (function) {
            case Function::mean:
                return Value::of(bucket_.numbers == 0 ? kNone
                                                      : bucket_.sum.value() / static_cast<double>(bucket_.numbers));
            case Function::sum:
                return Value::of(bucket_.numbers == 0 ? kNone : bucket_.sum.value());
            case Function::min:
                return bucket_.min;
            case Function::max:
                return bucket_.max;
            case Function::first:
                return bucket_.first;
            case Function::last:
                return bucket_.last;
            case Function::count:
                return Value::of(bucket_.count);
            case Function::rate:
                return Value::of(bucket_.seconds > 0 ? bucket_.increase / bucket_.seconds : kNone);
        }
        return Value::of(kNone);
    }

    void push(Column& column, const Value& value) {
        ValueKind kind = value.kind;
        std::uint64_t bits = value.bits;
        if (kind == ValueKind::text) {
            bits = storage::text_place(out_.text.size(), value.text.size());
            out_.text.append(value.text);
        }
        column.kinds.push_back(kind == ValueKind::boolean ? ValueKind::uint64 : kind);
        column.bits.push_back(bits);
    }

    Needs needs_;
    std::uint64_t from_;
    Buckets& out_;
    std::uint64_t index_ = 0;
    Bucket bucket_;
    Counter counter_;
};

Result<> check(const BucketQuery& query, const storage::SeriesInfo& series) {
    if (query.range.from >= query.range.to) return failure(ErrorKind::invalid, "from: must be earlier than `to`");
    if (query.points == 0 || query.points > kPointsMax) {
        return failure(ErrorKind::invalid, fmt::format("points: must be 1 to {}", kPointsMax));
    }
    if (query.functions.empty()) return failure(ErrorKind::invalid, "fn: names no function");
    return check_functions(query.functions, series);
}

}  // namespace

Value Buckets::value(std::size_t column, std::size_t bucket) const {
    const ValueKind kind = columns[column].kinds[bucket];
    const std::uint64_t bits = columns[column].bits[bucket];
    if (kind != ValueKind::text) return {kind, bits, {}};
    return Value::of(storage::text_at(bits, text));
}

std::vector<double> Buckets::as_doubles(std::size_t column) const {
    std::vector<double> numbers(times.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = value(column, i).as_double();
    return numbers;
}

namespace {

std::uint64_t width_from(Nanoseconds origin, Nanoseconds to, std::uint32_t points) {
    const std::uint64_t length = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(origin);
    return length / points + (length % points != 0 ? 1 : 0);
}

// Past the largest number it stays as it is.
std::uint64_t rounded_up(std::uint64_t width, std::uint64_t unit) {
    const std::uint64_t missing = width % unit == 0 ? 0 : unit - width % unit;
    return width <= std::numeric_limits<std::uint64_t>::max() - missing ? width + missing : width;
}

// The start of the unit that the time lies in; the time itself, if that is before all times.
Nanoseconds unit_start(Nanoseconds time, Nanoseconds unit) {
    const Nanoseconds rest = (time % unit + unit) % unit;
    return time < storage::kAllTime.from + rest ? time : time - rest;
}

}  // namespace

BucketGrid bucket_grid(storage::TimeRange range, std::uint32_t points) {
    constexpr auto kHourWide = static_cast<std::uint64_t>(kHour);
    constexpr auto kDayWide = static_cast<std::uint64_t>(kDay);
    const std::uint64_t width = width_from(range.from, range.to, points);
    if (width < static_cast<std::uint64_t>(kMillisecond)) return {range.from, width};
    if (width < kHourWide) return {range.from, rounded_up(width, static_cast<std::uint64_t>(kMillisecond))};
    // Who asks for whole days may mean days of their own time zone.
    const bool days = width >= 3 * kDayWide && width % kDayWide != 0;
    const Nanoseconds origin = unit_start(range.from, days ? kDay : kHour);
    return {origin, rounded_up(width_from(origin, range.to, points), days ? kDayWide : kHourWide)};
}

Result<Buckets> aggregate(storage::Snapshot& snapshot, const storage::SeriesInfo& series, const BucketQuery& query) {
    if (auto checked = check(query, series); !checked) return failure(std::move(checked));
    Buckets out;
    const BucketGrid grid = bucket_grid(query.range, query.points);
    out.width = grid.width;
    Bucketing bucketing(query, grid.origin, Needs(query.functions, series.type == storage::SeriesType::text), out);
    auto scanned = snapshot.scan(series.id, query.range, bucketing);
    bucketing.finish();
    if (bucketing.overflowed()) {
        return failure(ErrorKind::too_large,
                       fmt::format("points: the texts take more than {} bytes; ask for fewer", kTextBytesMax));
    }
    if (!scanned) {
        if (scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
        out.damage = std::move(scanned.error());
    }
    return out;
}

}  // namespace pomiar::query
