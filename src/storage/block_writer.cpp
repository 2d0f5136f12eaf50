#include "storage/block_writer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/log.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {

// Rows [first, last) of one series.
template <class Content>
struct BlockWriter::Slice {
    SeriesId series;
    const Content* content;
    std::size_t first;
    std::size_t last;

    std::size_t size() const { return last - first; }
    bool empty() const { return first == last; }
    Nanoseconds start() const { return content->times[first]; }
    Nanoseconds end() const { return content->times[last - 1]; }
    // Index of the first row not before the time.
    std::size_t lower(Nanoseconds time) const {
        const auto begin = content->times.begin();
        return static_cast<std::size_t>(std::lower_bound(begin + static_cast<std::ptrdiff_t>(first),
                                                         begin + static_cast<std::ptrdiff_t>(last), time) -
                                        begin);
    }
};

namespace {

// Rows that a coarser roll-up must stand for: with fewer they are read as quickly as it. A row of roll-ups is five
// numbers, and days of hours are what questions over years come down to.
constexpr std::size_t rows_per_span_min(Level own) {
    return own == Level::raw ? 200 : 20;
}
// Of a series in a block: with fewer the row around it costs more than they do.
constexpr std::size_t kCrumbReadings = 64;

template <class Content>
Nanoseconds first_time(const std::vector<SeriesPart<Content>>& parts) {
    Nanoseconds first = std::numeric_limits<Nanoseconds>::max();
    for (const auto& part : parts) first = std::min(first, part.content.times.front());
    return first;
}

void append(const Readings& from, std::size_t first, std::size_t last, Readings& to) {
    append_rows(from, first, last, to);
}
void append(const RollUps& from, std::size_t first, std::size_t last, RollUps& to) {
    for (std::size_t i = first; i < last; ++i) to.push(from, i);
}

Readings joined(const Readings& older, const Readings& newer) {
    return merge(older, newer);
}
RollUps joined(const RollUps& older, const RollUps& newer) {
    return combine(older, newer);
}

template <class Content>
std::vector<SeriesPart<Content>> join(std::vector<SeriesPart<Content>> older, std::vector<SeriesPart<Content>> newer) {
    std::vector<SeriesPart<Content>> out;
    auto a = older.begin();
    auto b = newer.begin();
    while (a != older.end() || b != newer.end()) {
        if (b == newer.end() || (a != older.end() && a->series < b->series)) {
            out.push_back(std::move(*a++));
        } else if (a == older.end() || b->series < a->series) {
            out.push_back(std::move(*b++));
        } else {
            out.push_back({a->series, joined(a->content, b->content)});
            ++a;
            ++b;
        }
    }
    return out;
}

// Moves what comes before `end` (nothing: all) out of the parts; parts that become empty go.
template <class Content>
std::vector<SeriesPart<Content>> take_before(std::optional<Nanoseconds> end, std::vector<SeriesPart<Content>>& parts) {
    if (!end) return std::exchange(parts, {});
    std::vector<SeriesPart<Content>> taken;
    for (auto& part : parts) {
        const auto& times = part.content.times;
        const auto until = static_cast<std::size_t>(std::ranges::lower_bound(times, *end) - times.begin());
        if (until == 0) continue;
        Content before;
        append(part.content, 0, until, before);
        Content rest;
        append(part.content, until, times.size(), rest);
        taken.push_back({part.series, std::move(before)});
        part.content = std::move(rest);
    }
    std::erase_if(parts, [](const auto& part) { return part.content.empty(); });
    return taken;
}

// Whether the block before these rows is written anew with them. What overlaps must be. What is a crumb, or small and
// no larger than they are, may: so slow series leave no trail of crumbs, and yet no reading is written more often than
// the logarithm of a block's size says, as with the digits of a binary counter.
template <class Content>
bool joins(const BlockRow& before, const std::vector<SeriesPart<Content>>& parts) {
    if (before.end >= first_time(parts)) return true;
    std::size_t rows = 0;
    for (const auto& part : parts) rows += part.content.size();
    return before.count <= std::max(rows, kCrumbReadings * parts.size()) &&
           before.count < kSealedReadingsMax / 2 * parts.size();
}

std::size_t text_of(const Readings& readings, std::size_t first, std::size_t last) {
    return text_bytes(readings, first, last);
}
std::size_t text_of(const RollUps&, std::size_t, std::size_t) {
    return 0;
}

bool finite(const RollUps& roll_ups) {
    return std::ranges::all_of(roll_ups.figures, [](const auto& figure) {
        return std::ranges::all_of(figure, [](double number) { return std::isfinite(number); });
    });
}

// What is told without reading the rows themselves, where that is much less: a block of roll-ups, or "".
template <class Slices>
std::string coarse_of(Level own, const Slices& slices) {
    for (const Level level : {Level::hour, Level::day}) {
        if (level <= own) continue;
        std::size_t rows = 0;
        std::size_t spans = 0;
        std::vector<std::pair<SeriesId, RollUps>> columns;
        for (const auto& slice : slices) {
            RollUps roll_ups;
            roll_up(*slice.content, slice.first, slice.last, level, roll_ups);
            std::size_t counted = 0;
            for (const std::uint64_t count : roll_ups.counts) counted += static_cast<std::size_t>(count);
            // Without those that are no numbers, a reader would miss them.
            const bool whole = own != Level::raw || counted == slice.size();
            if (roll_ups.empty() || !whole || !finite(roll_ups)) continue;
            rows += slice.size();
            spans += roll_ups.size();
            columns.emplace_back(slice.series, std::move(roll_ups));
        }
        if (columns.empty() || rows < spans * rows_per_span_min(own)) continue;
        std::vector<RollUpColumn> encoded;
        encoded.reserve(columns.size());
        for (const auto& [series, roll_ups] : columns) encoded.push_back({series, roll_ups, 0, roll_ups.size()});
        std::string out;
        encode_block(encoded, level, out);
        return out;
    }
    return {};
}

}  // namespace

Result<BlockWriter> BlockWriter::open(Connection& connection, std::function<SeriesType(SeriesId)> type_of) {
    auto rows = BlockRows::open(connection);
    if (!rows) return failure(std::move(rows));
    BlockWriter writer;
    writer.rows_ = std::move(*rows);
    writer.type_of_ = std::move(type_of);
    return writer;
}

Result<> BlockWriter::merge(GroupId group, ReadingParts parts) {
    return merge_parts(group, Level::raw, std::move(parts));
}
Result<> BlockWriter::merge(GroupId group, Level level, RollUpParts parts) {
    return merge_parts(group, level, std::move(parts));
}
Result<ReadingParts> BlockWriter::take_readings(GroupId group, std::int64_t id) {
    return take<Readings>(group, id);
}
Result<RollUpParts> BlockWriter::take_roll_ups(GroupId group, std::int64_t id) {
    return take<RollUps>(group, id);
}

Result<> BlockWriter::verify() {
    for (const Written& row : written_) {
        if (auto found = rows_.expect_found(row.id, row.level, row.group, row.start); !found) return found;
    }
    return {};
}

template <class Content>
Result<std::vector<SeriesPart<Content>>> BlockWriter::take(GroupId group, std::int64_t id) {
    std::vector<SeriesPart<Content>> parts;
    auto data = rows_.data(id);
    if (!data && data.error().kind != ErrorKind::corrupt) return failure(std::move(data));
    auto view = data && *data ? BlockView::open(**data) : Result<BlockView>(failure(ErrorKind::corrupt, "no row"));
    bool intact = view.has_value();
    for (std::size_t i = 0; view && i < view->columns().size(); ++i) {
        const SeriesId named = view->columns()[i].series;
        const SeriesId series = named != 0 ? named : group;  // before format version 2 each series was alone
        Content content;
        const bool read = view->read(i, content).has_value();
        bool right = read;
        if constexpr (std::is_same_v<Content, Readings>)
            right = read && series_type(content.kinds.front()) == type_of_(series);
        intact = intact && right;
        if (right) parts.push_back({series, std::move(content)});
    }
    rows_.reset();
    if (!intact) {
        log::error("block {} of pomiar.db is damaged: set aside in damaged_blocks", id);
        if (auto kept = rows_.set_aside(id); !kept) return failure(std::move(kept));
    }
    if (auto gone = rows_.erase(id); !gone) return failure(std::move(gone));
    return parts;
}

// Whether the block is of no other series.
Result<bool> BlockWriter::has_only(std::int64_t id, std::span<const SeriesId> series) {
    auto data = rows_.data(id);
    if (!data) return failure(std::move(data));
    auto view = *data ? BlockView::open(**data) : Result<BlockView>(failure(ErrorKind::corrupt, "no row"));
    const bool only = view && std::ranges::all_of(view->columns(), [&](const BlockView::Column& column) {
                          return column.series != 0 && std::ranges::binary_search(series, column.series);
                      });
    rows_.reset();
    return only;
}

// SQLite may overwrite what it deletes, as Debian's does: then that goes through its log, too.
Result<> BlockWriter::erase(std::int64_t id) {
    if (auto data = rows_.data(id); data && *data) bytes_written_ += (*data)->size();
    rows_.reset();
    return rows_.erase(id);
}

template <class Content>
Result<> BlockWriter::remove_from(GroupId group, Level level, const BlockRow& row, std::span<const SeriesId> series,
                                  TimeRange range) {
    auto parts = take<Content>(group, row.id);
    if (!parts) return failure(std::move(parts));
    // A span that begins before the range may reach into it.
    const Nanoseconds reach = level == Level::raw ? 0 : span_of(level) - 1;
    const Nanoseconds from = range.from < kAllTime.from + reach ? kAllTime.from : range.from - reach;
    for (auto& part : *parts) {
        if (!std::ranges::binary_search(series, part.series)) continue;
        const auto& times = part.content.times;
        const auto first = std::ranges::lower_bound(times, from) - times.begin();
        const auto last =
            range.to == kAllTime.to ? std::ssize(times) : std::ranges::lower_bound(times, range.to) - times.begin();
        if (first >= last) continue;
        Content kept;
        append(part.content, 0, static_cast<std::size_t>(first), kept);
        append(part.content, static_cast<std::size_t>(last), times.size(), kept);
        part.content = std::move(kept);
    }
    std::erase_if(*parts, [](const auto& part) { return part.content.empty(); });
    return write(group, level, *parts);
}

Result<> BlockWriter::remove(GroupId group, std::span<const SeriesId> series, TimeRange range,
                             const std::function<Result<>()>& meanwhile) {
    for (const Level level : kLevels) {
        auto row = rows_.at_or_before(level, group, range.from);
        if (row && !*row) row = rows_.first(level, group);
        while (row && *row && ((*row)->start < range.to || range.to == kAllTime.to)) {
            const BlockRow at = **row;
            const bool inside = at.start >= range.from && (at.end < range.to || range.to == kAllTime.to);
            auto whole = inside ? has_only(at.id, series) : Result<bool>(false);
            if (!whole) return failure(std::move(whole));
            auto removed = *whole                ? erase(at.id)
                           : level == Level::raw ? remove_from<Readings>(group, level, at, series, range)
                                                 : remove_from<RollUps>(group, level, at, series, range);
            if (!removed) return removed;
            if (auto r = meanwhile(); !r) return r;
            row = rows_.after(level, group, at.end);  // what is left of the row begins at or before its end
        }
        if (!row) return failure(std::move(row));
    }
    return {};
}

template <class Content>
Result<> BlockWriter::merge_parts(GroupId group, Level level, std::vector<SeriesPart<Content>> parts) {
    while (!parts.empty()) {
        const Nanoseconds first = first_time(parts);
        auto block = rows_.at_or_before(level, group, first);
        if (!block) return failure(std::move(block));
        auto next = rows_.after(level, group, first);
        if (!next) return failure(std::move(next));
        auto now = take_before(*next ? std::optional((*next)->start) : std::nullopt, parts);
        while (*block && joins(**block, now)) {
            auto older = take<Content>(group, (*block)->id);
            if (!older) return failure(std::move(older));
            now = join(std::move(*older), std::move(now));
            block = rows_.before(level, group, (*block)->start);
            if (!block) return failure(std::move(block));
        }
        if (auto r = write(group, level, now); !r) return r;
    }
    return {};
}

template <class Content>
Result<> BlockWriter::write(GroupId group, Level level, const std::vector<SeriesPart<Content>>& parts) {
    std::vector<Slice<Content>> slices;
    slices.reserve(parts.size());
    for (const auto& part : parts) slices.push_back({part.series, &part.content, 0, part.content.size()});
    return write(group, level, std::move(slices));
}

// Cuts all at the same times, evenly for the series that has most, so that no crumb is left at the end.
template <class Content>
Result<> BlockWriter::write(GroupId group, Level level, std::vector<Slice<Content>> slices) {
    while (!slices.empty()) {
        const auto& most = *std::ranges::max_element(slices, {}, [](const auto& slice) { return slice.size(); });
        const auto& longest = *std::ranges::max_element(
            slices, {}, [](const auto& slice) { return text_of(*slice.content, slice.first, slice.last); });
        std::optional<Nanoseconds> cut;
        if (most.size() > kSealedReadingsMax) {
            const std::size_t pieces = (most.size() + kSealedReadingsMax - 1) / kSealedReadingsMax;
            cut = most.content->times[most.first + (most.size() + pieces - 1) / pieces];
        } else if (longest.size() > 1 && text_of(*longest.content, longest.first, longest.last) > kSealedTextBytesMax) {
            cut = longest.content->times[longest.first + longest.size() / 2];
        }
        if (!cut) return insert(group, level, slices);
        std::vector<Slice<Content>> before;
        for (auto& slice : slices) {
            const std::size_t at = slice.lower(*cut);
            if (at != slice.first) before.push_back({slice.series, slice.content, slice.first, at});
            slice.first = at;
        }
        std::erase_if(slices, [](const auto& slice) { return slice.empty(); });
        if (auto r = write(group, level, std::move(before)); !r) return r;  // another series may have more there
    }
    return {};
}

template <class Content>
Result<> BlockWriter::insert(GroupId group, Level level, const std::vector<Slice<Content>>& slices) {
    BlockRow row{0, std::numeric_limits<Nanoseconds>::max(), std::numeric_limits<Nanoseconds>::min(), 0};
    std::string data;
    for (const auto& slice : slices) {
        row.start = std::min(row.start, slice.start());
        row.end = std::max(row.end, slice.end());
        row.count += slice.size();
    }
    if constexpr (std::is_same_v<Content, Readings>) {
        std::vector<BlockColumn> columns;
        columns.reserve(slices.size());
        for (const auto& slice : slices) columns.push_back({slice.series, *slice.content, slice.first, slice.last});
        encode_block(columns, data);
    } else {
        std::vector<RollUpColumn> columns;
        columns.reserve(slices.size());
        for (const auto& slice : slices) columns.push_back({slice.series, *slice.content, slice.first, slice.last});
        encode_block(columns, level, data);
    }
    const std::string coarse = coarse_of(level, slices);
    ++blocks_written_;
    bytes_written_ += data.size() + coarse.size();
    auto id = rows_.insert(level, group, row, coarse, data);
    if (!id) return failure(std::move(id));
    written_.push_back({*id, level, group, row.start});
    return {};
}

}  // namespace pomiar::storage
