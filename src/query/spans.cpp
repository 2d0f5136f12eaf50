#include "query/spans.hpp"

#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "query/number.hpp"

namespace pomiar::query {
namespace {

using storage::Readings;
using storage::Summary;

constexpr Nanoseconds kFirst = std::numeric_limits<Nanoseconds>::min();

// The multiple of `length` at or before the time, or the first time there is.
Nanoseconds start_of(Nanoseconds time, Nanoseconds length) {
    Nanoseconds rest = time % length;
    if (rest < 0) rest += length;
    return time < kFirst + rest ? kFirst : time - rest;
}

// The multiple of `length` at or after the time; kAllTime's end where there is none.
Nanoseconds next_start(Nanoseconds time, Nanoseconds length) {
    const Nanoseconds start = start_of(time, length);
    if (start == time) return time;
    return start > storage::kAllTime.to - length ? storage::kAllTime.to : start + length;
}

class Spanning final : public storage::Visitor {
  public:
    Spanning(const SpanQuery& query, SpanPage& page) : query_(query), page_(page) {}

    bool take(const Summary& summary) override {
        const Nanoseconds start = start_of(summary.start, query_.length);
        if (start_of(summary.end, query_.length) != start || !std::isfinite(summary.sum)) return false;
        if (!enter(start, query_.length)) return false;  // the readings will end the scan
        add(summary);
        return true;
    }

    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            const double value = readings.value(i).as_double();
            if (std::isnan(value)) continue;
            if (!enter(start_of(readings.times[i], query_.length), query_.length)) return false;
            add({readings.times[i], readings.times[i], 1, value, value, value, value, value});
        }
        return true;
    }

    bool take_rolled_up(const Summary& summary) override {
        const Nanoseconds own = summary.end - summary.start + 1;
        const bool fits = own <= query_.length;
        if (!enter(fits ? start_of(summary.start, query_.length) : summary.start, fits ? query_.length : own))
            return false;
        add(summary);
        return true;
    }

    void finish() {
        if (!page_.spans.empty()) page_.spans.back().sum = sum_.value();
    }

  private:
    // false: the page is full, and this is the next.
    bool enter(Nanoseconds start, Nanoseconds length) {
        if (!page_.spans.empty() && page_.spans.back().start == start && page_.spans.back().length == length)
            return true;
        if (page_.spans.size() == query_.limit) {
            page_.next = start;
            return false;
        }
        finish();
        sum_ = {};
        page_.spans.push_back({start, length, 0, 0, 0, 0, 0, 0});
        return true;
    }
    void add(const Summary& summary) {
        Span& span = page_.spans.back();
        if (span.count == 0) {
            span.first = summary.first;
            span.min = summary.min;
            span.max = summary.max;
        }
        span.min = std::min(span.min, summary.min);
        span.max = std::max(span.max, summary.max);
        span.last = summary.last;
        span.count += summary.count;
        sum_.add(summary.sum);
    }

    const SpanQuery& query_;
    SpanPage& page_;
    Sum sum_;
};

}  // namespace

Result<SpanPage> read_spans(storage::Snapshot& snapshot, const storage::SeriesInfo& series, const SpanQuery& query) {
    if (query.limit == 0 || query.limit > kSpansMax)
        return failure(ErrorKind::invalid, fmt::format("limit: must be 1 to {}", kSpansMax));
    if (query.length <= 0) return failure(ErrorKind::invalid, "length: must be positive");
    SpanPage page;
    if (series.type == storage::SeriesType::text) return page;
    const storage::TimeRange range{next_start(query.starts.from, query.length),
                                   next_start(query.starts.to, query.length)};
    if (range.from >= range.to) return page;
    Spanning spanning(query, page);
    auto scanned = snapshot.scan(series.id, range, spanning);
    spanning.finish();
    if (!scanned) {
        if (scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
        page.damage = std::move(scanned.error());
    }
    return page;
}

}  // namespace pomiar::query
