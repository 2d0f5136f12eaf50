#include "query/raw.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::query {
namespace {

using storage::Readings;
using storage::SeriesInfo;
using storage::Summary;
using storage::TimeRange;

// The first rows found so far, at most one more than the page holds: that one says that there is more.
struct Rows {
    Readings readings;
    std::vector<std::uint32_t> series_of;

    bool is_full(std::size_t rows_max) const {
        return readings.size() >= rows_max || readings.text.size() > kPageTextBytesMax;
    }
    void push(Nanoseconds time, const storage::Value& value, std::uint32_t series) {
        readings.push(time, value);
        series_of.push_back(series);
    }
};

// Collects one series until it would fill a page by itself.
class Collecting final : public storage::Visitor {
  public:
    Collecting(Readings& out, std::size_t rows_max) : out_(out), rows_max_(rows_max) {}

    bool wants_summaries() const override { return false; }
    bool take(const Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            if (out_.size() >= rows_max_ || out_.text.size() > kPageTextBytesMax) return false;
            out_.push(readings.times[i], readings.value(i));
        }
        return true;
    }

  private:
    Readings& out_;
    std::size_t rows_max_;
};

// A look at the blocks of one series, to learn from where on it has its last `rows_max` rows.
class Tail final : public storage::Visitor {
  public:
    explicit Tail(std::size_t rows_max) : rows_max_(rows_max) {}

    bool take(const Summary& block) override {
        add(block.start, static_cast<std::size_t>(block.count));
        return true;
    }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        first = std::max(first, last - std::min(last, rows_max_));
        add(readings.times[first], last - first);
        return true;
    }
    // Nothing: there are no rows.
    std::optional<Nanoseconds> start() const {
        if (parts_.empty()) return std::nullopt;
        return parts_.front().start;
    }

  private:
    struct Part {
        Nanoseconds start;
        std::size_t count;
    };
    void add(Nanoseconds start, std::size_t count) {
        parts_.push_back({start, count});
        rows_ += count;
        for (; rows_ - parts_.front().count >= rows_max_; parts_.pop_front()) rows_ -= parts_.front().count;
    }

    std::size_t rows_max_;
    std::size_t rows_ = 0;
    std::deque<Part> parts_;
};

// Collects the last rows of what it is shown, and of them no more than a page's text.
class CollectingLast final : public storage::Visitor {
  public:
    CollectingLast(Readings& out, std::size_t rows_max) : out_(out), rows_max_(rows_max) {}

    bool wants_summaries() const override { return false; }
    bool take(const Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            out_.push(readings.times[i], readings.value(i));
            if (out_.size() > 2 * rows_max_ || out_.text.size() > 2 * kPageTextBytesMax) trim();
        }
        return true;
    }
    // To be called at the end.
    void trim() {
        std::size_t first = out_.size();
        std::size_t text = 0;
        while (first > 0 && out_.size() - first < rows_max_ && text <= kPageTextBytesMax)
            text += out_.value(--first).text.size();
        if (first == 0) return;
        Readings kept;
        kept.reserve(out_.size() - first);
        for (std::size_t i = first; i < out_.size(); ++i) kept.push(out_.times[i], out_.value(i));
        out_ = std::move(kept);
    }

  private:
    Readings& out_;
    std::size_t rows_max_;
};

// The same rows as Collecting, from the other end. They come ascending.
Result<> collect_last(storage::Snapshot& snapshot, storage::SeriesId series, TimeRange range, std::size_t rows_max,
                      Readings& out) {
    Tail tail(rows_max);
    // What cannot be read is told by the second look.
    if (auto looked = snapshot.scan(series, range, tail); !looked && looked.error().kind != ErrorKind::corrupt)
        return looked;
    const auto start = tail.start();
    CollectingLast collecting(out, rows_max);
    auto scanned = snapshot.scan(series, {start.value_or(range.from), range.to}, collecting);
    collecting.trim();
    return scanned;
}

// Of two lists in time order, the earliest rows. `added` is of one series, with a higher index than all in `rows`.
Rows merged(const Rows& rows, const Readings& added, std::uint32_t series, std::size_t rows_max) {
    Rows out;
    out.readings.reserve(std::min(rows_max, rows.readings.size() + added.size()));
    std::size_t a = 0;
    std::size_t b = 0;
    while (!out.is_full(rows_max) && (a < rows.readings.size() || b < added.size())) {
        const bool from_rows =
            b == added.size() || (a < rows.readings.size() && rows.readings.times[a] <= added.times[b]);
        if (from_rows) {
            out.push(rows.readings.times[a], rows.readings.value(a), rows.series_of[a]);
            ++a;
        } else {
            out.push(added.times[b], added.value(b), series);
            ++b;
        }
    }
    return out;
}

// The same backwards: of `rows` in falling order and `added` in rising one, the latest rows, in falling order. `added`
// has a lower index than all in `rows`.
Rows merged_backwards(const Rows& rows, const Readings& added, std::uint32_t series, std::size_t rows_max) {
    Rows out;
    out.readings.reserve(std::min(rows_max, rows.readings.size() + added.size()));
    std::size_t a = 0;
    std::size_t b = added.size();
    while (!out.is_full(rows_max) && (a < rows.readings.size() || b > 0)) {
        const bool from_rows = b == 0 || (a < rows.readings.size() && rows.readings.times[a] >= added.times[b - 1]);
        if (from_rows) {
            out.push(rows.readings.times[a], rows.readings.value(a), rows.series_of[a]);
            ++a;
        } else {
            --b;
            out.push(added.times[b], added.value(b), series);
        }
    }
    return out;
}

// What is still of interest in a series: nothing before the page's start, nothing behind a list that is full already.
TimeRange narrowed(const RawQuery& query, storage::SeriesId series, const Rows& rows, std::size_t rows_max) {
    constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();
    TimeRange range = query.range;
    if (query.after) {
        const bool is_past = series <= query.after->series;
        const Nanoseconds start = is_past && query.after->time < kLast ? query.after->time + 1 : query.after->time;
        range.from = std::max(range.from, start);
    }
    if (rows.is_full(rows_max)) range.to = std::min(range.to, rows.readings.times.back());
    return range;
}

TimeRange narrowed_backwards(const RawQuery& query, storage::SeriesId series, const Rows& rows, std::size_t rows_max) {
    constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();
    TimeRange range = query.range;
    if (query.after) {
        const bool is_left = series < query.after->series;
        const Nanoseconds end = is_left && query.after->time < kLast ? query.after->time + 1 : query.after->time;
        range.to = std::min(range.to, end);
    }
    if (rows.is_full(rows_max) && rows.readings.times.back() < kLast)
        range.from = std::max(range.from, rows.readings.times.back() + 1);
    return range;
}

// The row that only says that there is more goes again; so does one whose text passed the limit, unless it is alone.
void finish(Rows rows, std::uint32_t limit, Page& page) {
    const std::size_t rows_found = rows.readings.size();
    if (rows.is_full(static_cast<std::size_t>(limit) + 1)) {
        const std::size_t kept = rows_found == 1 ? 1 : rows_found - 1;
        rows.readings.times.resize(kept);
        rows.readings.bits.resize(kept);
        rows.readings.kinds.resize(kept);
        rows.series_of.resize(kept);
        page.next = Position{rows.readings.times.back(), page.series[rows.series_of.back()].id};
    }
    page.readings = std::move(rows.readings);
    page.series_of = std::move(rows.series_of);
}

}  // namespace

std::string format_position(Position position) {
    return fmt::format("{}.{}", position.time, position.series);
}

Result<Position> parse_position(std::string_view text) {
    const auto dot = text.find('.');
    const auto time = parse_int64(text.substr(0, dot));
    const auto series = parse_uint64(dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1));
    if (!time || !series || *series > std::numeric_limits<storage::SeriesId>::max()) {
        return failure(ErrorKind::invalid,
                       fmt::format("next: `{}` did not come from an earlier page", text.substr(0, 40)));
    }
    return Position{*time, static_cast<storage::SeriesId>(*series)};
}

Result<Page> read_page(storage::Snapshot& snapshot, std::vector<SeriesInfo> series, const RawQuery& query) {
    if (query.limit == 0 || query.limit > kRowsMax) {
        return failure(ErrorKind::invalid, fmt::format("limit: must be 1 to {}", kRowsMax));
    }
    Page page;
    page.series = std::move(series);
    std::sort(page.series.begin(), page.series.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const std::size_t rows_max = static_cast<std::size_t>(query.limit) + 1;
    Rows rows;
    Readings found;
    const bool backwards = query.order == Order::newest_first;
    const auto count = static_cast<std::uint32_t>(page.series.size());
    for (std::uint32_t step = 0; step < count; ++step) {
        const std::uint32_t i = backwards ? count - 1 - step : step;
        const storage::SeriesId id = page.series[i].id;
        const TimeRange range =
            backwards ? narrowed_backwards(query, id, rows, rows_max) : narrowed(query, id, rows, rows_max);
        if (range.from >= range.to) continue;
        found.clear();
        Collecting collecting(found, rows_max);
        auto scanned =
            backwards ? collect_last(snapshot, id, range, rows_max, found) : snapshot.scan(id, range, collecting);
        if (!scanned) {
            if (scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
            page.damage = std::move(scanned.error());
        }
        if (found.empty()) continue;
        rows = backwards ? merged_backwards(rows, found, i, rows_max) : merged(rows, found, i, rows_max);
    }
    finish(std::move(rows), query.limit, page);
    return page;
}

Result<std::vector<SeriesInfo>> select_series(storage::Snapshot& snapshot, std::string_view sensor,
                                              std::string_view field, std::string_view only) {
    std::vector<SeriesInfo> selected = sensor.empty() ? snapshot.series() : snapshot.fields_of(sensor);
    std::erase_if(selected, [&](const SeriesInfo& info) { return !info.sensor.starts_with(only); });
    if (selected.empty() && !sensor.empty()) {
        return failure(ErrorKind::not_found, fmt::format("sensor: there is no `{}`", sensor));
    }
    if (field.empty()) return selected;
    std::erase_if(selected, [&](const SeriesInfo& info) { return info.field != field; });
    if (!selected.empty()) return selected;
    if (sensor.empty()) return failure(ErrorKind::not_found, fmt::format("field: no sensor has a `{}`", field));
    return failure(ErrorKind::not_found, fmt::format("field: sensor `{}` has no `{}`", sensor, field));
}

}  // namespace pomiar::query
