#include "storage/block_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "base/log.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();

std::unexpected<Error> damaged_block(std::int64_t id, std::string_view why) {
    return failure(ErrorKind::corrupt, fmt::format("block {} of pomiar.db: {}", id, why));
}

bool inside(const Summary& summary, TimeRange range) {
    return is_within(summary.start, range) && is_within(summary.end, range);
}

Summary summary_of(const RollUps& roll_ups, std::size_t i, Level level) {
    const auto& figures = roll_ups.figures;
    const Nanoseconds start = roll_ups.times[i];
    const bool endless = start > kNever - span_of(level);
    return {start,
            endless ? kNever : start + span_of(level) - 1,
            roll_ups.counts[i],
            figures[RollUps::min][i],
            figures[RollUps::max][i],
            figures[RollUps::sum][i],
            figures[RollUps::first][i],
            figures[RollUps::last][i]};
}

std::size_t lower(const std::vector<Nanoseconds>& times, Nanoseconds time) {
    return static_cast<std::size_t>(std::ranges::lower_bound(times, time) - times.begin());
}
std::size_t upper(const std::vector<Nanoseconds>& times, Nanoseconds time) {
    return static_cast<std::size_t>(std::ranges::upper_bound(times, time) - times.begin());
}

// A block's column of the series. Nothing: the block has none. Errors: as of a damaged block.
template <class Content>
Result<bool> read_column(BlockRows& rows, Result<std::optional<std::string_view>> blob, std::int64_t id,
                         SeriesId series, Content& content, Level* level = nullptr) {
    content.clear();
    if (!blob) {
        rows.reset();
        return damaged_block(id, blob.error().message);
    }
    if (!*blob) return damaged_block(id, "its row is missing");
    if ((*blob)->empty()) return false;  // no coarse part
    auto view = BlockView::open(**blob);
    if (!view) return damaged_block(id, view.error().message);
    const auto column = view->find(series);
    if (!column) return false;
    if (level != nullptr) *level = view->level();
    if (auto read = view->read(*column, content); !read) return damaged_block(id, read.error().message);
    return true;
}

}  // namespace

// What the cursors of one scan share.
class BlockReader::Scan {
  public:
    Scan(BlockRows& rows_read, SeriesId scanned, TimeRange all, Visitor& to, const RemovedTimes& without)
        : rows(rows_read), series(scanned), range(all), visitor(to), removed(without) {}

    void note(const Error& error) {
        if (!damage) damage = error;
    }

    BlockRows& rows;
    const SeriesId series;
    const TimeRange range;
    Visitor& visitor;
    const RemovedTimes& removed;
    bool stopped = false;  // the visitor has enough
    std::optional<Error> damage;
};

// Readings: of raw blocks, with those newer than them between and in place of them.
class BlockReader::RawCursor {
  public:
    RawCursor(Scan& scan, BlockWalk& walk, GroupId group, const Readings& newer)
        : scan_(scan), walk_(walk), newer_(newer) {
        if (group == 0) return;
        walk_.seek(Level::raw, group, scan.range);
        step();
    }

    // No reading comes before it. kNever: there are none left.
    Nanoseconds next_time() const {
        Nanoseconds next = row_ ? row_->start : kNever;
        if (shown_ < newer_.size()) next = std::min(next, newer_.times[shown_]);
        if (at_ < open_.size()) next = std::min(next, open_.times[at_]);
        return next;
    }
    bool at_end() const { return !row_ && shown_ == newer_.size() && at_ == open_.size(); }

    // Shows readings up to and with `limit`, but for what needs another call.
    void show(Nanoseconds limit) {
        if (at_ < open_.size()) return show_open(limit);
        if (!row_) return show_newer(limit);
        if (shown_ < newer_.size() && newer_.times[shown_] < row_->start)
            return show_newer(std::min(limit, row_->start - 1));
        show_row(limit);
    }

  private:
    void step() {
        do {
            auto row = walk_.next();
            if (!row) scan_.note(row.error());
            row_ = row ? *row : std::nullopt;
        } while (row_ && scan_.removed.cover(row_->start, row_->end));
    }

    void show_newer(Nanoseconds limit) {
        const std::size_t until = upper(newer_.times, limit);
        if (until > shown_) scan_.stopped = !scan_.visitor.take(newer_, shown_, until);
        shown_ = std::max(shown_, until);
    }

    void show_open(Nanoseconds limit) {
        const std::size_t until = std::max(at_, upper(open_.times, limit));
        if (until > at_) scan_.stopped = !scan_.visitor.take(open_, at_, until);
        at_ = until;
    }

    void show_row(Nanoseconds limit) {
        const BlockRow row = *row_;
        step();
        if (row.end < scan_.range.from) return;
        const std::size_t until = upper(newer_.times, row.end);
        const bool alone = until <= shown_ && row.end <= limit && !scan_.removed.touch(row.start, row.end);
        if (alone && scan_.visitor.wants_summaries() && show_coarse(row)) return;
        if (!open(row)) return;
        if (until > shown_) {
            Readings over;
            append_rows(newer_, shown_, until, over);
            open_ = merge(open_, over);
            shown_ = until;
        }
        at_ = lower(open_.times, scan_.range.from);
        if (scan_.range.to != kAllTime.to) end_at(lower(open_.times, scan_.range.to));
        show_open(limit);
    }

    bool open(const BlockRow& row) {
        at_ = 0;
        auto found = read_column(scan_.rows, scan_.rows.data(row.id), row.id, scan_.series, open_);
        scan_.rows.reset();
        if (found && *found && opened_until_ && open_.times.front() <= *opened_until_) {
            // A damaged index may lead to a row twice.
            scan_.rows.note_page_damage();
            found = damaged_block(row.id, "it overlaps the block before it");
        }
        if (!found) scan_.note(found.error());
        if (!found || !*found) open_.clear();
        if (!open_.empty()) opened_until_ = open_.times.back();
        scan_.removed.take_out(open_);
        return !open_.empty();
    }
    void end_at(std::size_t size) {
        if (size < open_.size()) open_.resize(size);
        at_ = std::min(at_, size);
    }

    // The row by what is told of it. false: it is not told, or there is no use in it.
    bool show_coarse(const BlockRow& row) {
        Level level = Level::raw;
        auto found = read_column(scan_.rows, scan_.rows.coarse(row.id), row.id, scan_.series, coarse_, &level);
        scan_.rows.reset();
        if (!found || !*found) return false;
        bool opened = false;
        for (std::size_t i = 0; i < coarse_.size() && !scan_.stopped; ++i) {
            const Summary summary = summary_of(coarse_, i, level);
            if (summary.end < scan_.range.from) continue;
            if (inside(summary, scan_.range) && scan_.visitor.take(summary)) continue;
            if (!opened && !open(row)) return true;  // damage is noted; what was told is right
            opened = true;
            std::size_t first = lower(open_.times, std::max(summary.start, scan_.range.from));
            std::size_t last = upper(open_.times, summary.end);
            if (scan_.range.to != kAllTime.to) last = std::min(last, lower(open_.times, scan_.range.to));
            if (first < last) scan_.stopped = !scan_.visitor.take(open_, first, last);
        }
        open_.clear();
        at_ = 0;
        return true;
    }

    Scan& scan_;
    BlockWalk& walk_;
    const Readings& newer_;
    std::size_t shown_ = 0;        // of the newer ones
    std::optional<BlockRow> row_;  // the next
    Readings open_;                // of the row before it,
    std::size_t at_ = 0;           // shown up to here
    std::optional<Nanoseconds> opened_until_;
    RollUps coarse_;
};

// Roll-ups of one level.
class BlockReader::RolledCursor {
  public:
    RolledCursor(Scan& scan, BlockWalk& walk, GroupId group, Level level) : scan_(scan), walk_(walk), level_(level) {
        if (group == 0) return;
        // The span that `from` lies in begins before it.
        walk_.seek(level, group, scan.range);
        open_next();
    }

    bool at_end() const { return coarse_.empty() && at_ == open_.size(); }
    Nanoseconds next_time() const { return at_end() ? kNever : coarse_.empty() ? open_.times[at_] : row_.start; }

    void show(Nanoseconds limit) {
        if (!coarse_.empty()) {
            if (row_.end <= limit) {
                show_coarse();
            } else {
                open();
            }
        } else {
            show_open(limit);
        }
        if (at_end() && !scan_.stopped) open_next();
    }

  private:
    void open_next() {
        while (at_end()) {
            auto row = walk_.next();
            if (!row) return scan_.note(row.error());
            if (!*row) return;
            row_ = **row;
            if (scan_.removed.cover(row_.start, row_.end)) continue;
            const bool whole = is_within(row_.start, scan_.range) && is_within(row_.end, scan_.range);
            if (!(whole && scan_.visitor.wants_summaries() && scan_.removed.empty() && open_coarse())) open();
        }
    }

    bool open_coarse() {
        auto found =
            read_column(scan_.rows, scan_.rows.coarse(row_.id), row_.id, scan_.series, coarse_, &coarse_level_);
        scan_.rows.reset();
        if (!found || !*found) coarse_.clear();
        return !coarse_.empty();
    }

    void open() {
        coarse_.clear();
        at_ = 0;
        auto found = read_column(scan_.rows, scan_.rows.data(row_.id), row_.id, scan_.series, open_);
        scan_.rows.reset();
        if (!found) scan_.note(found.error());
        if (!found || !*found) return open_.clear();
        scan_.removed.take_out(open_, level_);
        at_ = lower(open_.times, scan_.range.from);
        std::size_t end = open_.size();
        while (end > at_ && !is_within(open_.times[end - 1], scan_.range)) --end;
        open_.resize(end);
    }

    void show_open(Nanoseconds limit) {
        for (; at_ < open_.size() && open_.times[at_] <= limit && !scan_.stopped; ++at_)
            scan_.stopped = !scan_.visitor.take_rolled_up(summary_of(open_, at_, level_));
    }

    // The row by what is told of it, and by itself where that is too coarse.
    void show_coarse() {
        const RollUps coarse = std::exchange(coarse_, {});
        bool opened = false;
        for (std::size_t i = 0; i < coarse.size() && !scan_.stopped; ++i) {
            const Summary summary = summary_of(coarse, i, coarse_level_);
            if (inside(summary, scan_.range) && scan_.visitor.take(summary)) continue;
            if (!opened) open();
            opened = true;
            at_ = lower(open_.times, summary.start);
            show_open(summary.end);
        }
        open_.clear();
        at_ = 0;
    }

    Scan& scan_;
    BlockWalk& walk_;
    Level level_;
    BlockRow row_{};
    RollUps coarse_;  // of the row, which is not opened then
    Level coarse_level_ = Level::raw;
    RollUps open_;
    std::size_t at_ = 0;
};

Result<BlockReader> BlockReader::open(Connection& connection) {
    BlockReader reader;
    auto rows = BlockRows::open(connection);
    if (!rows) return failure(std::move(rows));
    reader.rows_ = std::move(*rows);
    for (BlockWalk& walk : reader.walks_) {
        auto opened = BlockWalk::open(connection);
        if (!opened) return failure(std::move(opened));
        walk = std::move(*opened);
    }
    return reader;
}

void BlockReader::reset() {
    rows_.reset();
    for (BlockWalk& walk : walks_) walk.reset();
}

bool BlockReader::take_page_damage() {
    bool damaged = rows_.take_page_damage();
    for (BlockWalk& walk : walks_) damaged |= walk.take_page_damage();
    return damaged;
}

Result<> BlockReader::scan(SeriesId series, TimeRange range, const Readings& newer, Visitor& visitor,
                           const RemovedTimes& removed) {
    const auto group = rows_.group_of(series);
    if (!group) return failure(Result<GroupId>(group));
    Scan scan(rows_, series, range, visitor, removed);
    RawCursor raw(scan, walks_[0], *group, newer);
    std::array rolled = {RolledCursor(scan, walks_[3], *group, Level::day),
                         RolledCursor(scan, walks_[2], *group, Level::hour),
                         RolledCursor(scan, walks_[1], *group, Level::five_minutes)};
    while (!scan.stopped) {
        // The one that comes next goes on until another does; of equals the coarser one is first.
        RolledCursor* next = nullptr;
        Nanoseconds limit = kNever;
        for (RolledCursor& cursor : rolled) {
            if (cursor.at_end()) continue;
            if (next == nullptr || cursor.next_time() < next->next_time()) {
                limit = next == nullptr ? limit : std::min(limit, next->next_time());
                next = &cursor;
            } else {
                limit = std::min(limit, cursor.next_time());
            }
        }
        if (next == nullptr && raw.at_end()) break;
        if (next == nullptr || (!raw.at_end() && raw.next_time() < next->next_time())) {
            raw.show(next == nullptr ? kNever : next->next_time());
        } else {
            next->show(raw.at_end() ? limit : std::min(limit, raw.next_time()));
        }
    }
    reset();
    if (scan.damage) return failure(scan.damage->kind, scan.damage->message);
    return {};
}

Result<std::optional<TimeRange>> BlockReader::times_in(std::int64_t id, Level level, SeriesId series,
                                                       const RemovedTimes& removed) {
    auto data = rows_.data(id);
    if (!data || !*data) return damaged_block(id, data ? "its row is missing" : data.error().message);
    auto view = BlockView::open(**data);
    if (!view) return damaged_block(id, view.error().message);
    const auto column = view->find(series);
    if (!column) return std::optional<TimeRange>{};
    std::vector<Nanoseconds> times;
    if (auto read = view->read_times(*column, times); !read) return damaged_block(id, read.error().message);
    removed.take_out(times, level);
    if (times.empty()) return std::optional<TimeRange>{};
    return std::optional(TimeRange{times.front(), times.back()});
}

Result<std::optional<Nanoseconds>> BlockReader::first_time(Level level, GroupId group, SeriesId series,
                                                           const RemovedTimes& removed) {
    auto row = rows_.first(level, group);
    for (; row && *row; row = rows_.after(level, group, (*row)->start)) {
        if (removed.cover((*row)->start, (*row)->end)) continue;
        const auto times = times_in((*row)->id, level, series, removed);
        rows_.reset();
        if (times && *times) return std::optional((*times)->from);
    }
    if (!row) return failure(std::move(row));
    return std::optional<Nanoseconds>{};
}

Result<std::optional<Nanoseconds>> BlockReader::last_time(Level level, GroupId group, SeriesId series,
                                                          const RemovedTimes& removed) {
    auto row = rows_.last(level, group);
    for (; row && *row; row = rows_.before(level, group, (*row)->start)) {
        if (removed.cover((*row)->start, (*row)->end)) continue;
        const auto times = times_in((*row)->id, level, series, removed);
        rows_.reset();
        if (times && *times) return std::optional((*times)->to);
    }
    if (!row) return failure(std::move(row));
    return std::optional<Nanoseconds>{};
}

Result<std::optional<TimeRange>> BlockReader::extent(SeriesId series, const RemovedTimes& removed) {
    const auto group = rows_.group_of(series);
    if (!group) return failure(Result<GroupId>(group));
    std::optional<TimeRange> extent;
    for (const Level level : kLevels) {
        auto first = first_time(level, *group, series, removed);
        if (!first) return failure(std::move(first));
        if (!*first) continue;
        auto last = last_time(level, *group, series, removed);
        if (!last) return failure(std::move(last));
        const TimeRange found{**first, last->value_or(**first)};
        extent = extent ? TimeRange{std::min(extent->from, found.from), std::max(extent->to, found.to)} : found;
    }
    return extent;
}

Result<std::optional<Latest>> BlockReader::latest(SeriesId series, const RemovedTimes& removed) {
    const auto group = rows_.group_of(series);
    if (!group) return failure(Result<GroupId>(group));
    for (const Level level : kLevels) {
        auto row = rows_.last(level, *group);
        for (; row && *row; row = rows_.before(level, *group, (*row)->start)) {
            if (removed.cover((*row)->start, (*row)->end)) continue;
            auto latest = latest_in((*row)->id, level, series, removed);
            rows_.reset();
            if (latest && *latest) return latest;
            if (!latest) log::error("{}", latest.error().message);  // the one before is the latest that can be told
        }
        if (!row) return failure(std::move(row));
    }
    return std::optional<Latest>{};
}

Result<std::optional<Latest>> BlockReader::latest_in(std::int64_t id, Level level, SeriesId series,
                                                     const RemovedTimes& removed) {
    if (level == Level::raw) {
        Readings readings;
        auto found = read_column(rows_, rows_.data(id), id, series, readings);
        if (!found) return failure(std::move(found));
        removed.take_out(readings);
        if (readings.empty()) return std::optional<Latest>{};
        const Value value = readings.value(readings.size() - 1);
        return std::optional(Latest{readings.times.back(), value.kind, value.bits, std::string(value.text)});
    }
    RollUps roll_ups;
    auto found = read_column(rows_, rows_.data(id), id, series, roll_ups);
    if (!found) return failure(std::move(found));
    removed.take_out(roll_ups, level);
    if (roll_ups.empty()) return std::optional<Latest>{};
    const Value value = Value::of(roll_ups.figures[RollUps::last].back());
    return std::optional(Latest{roll_ups.times.back(), value.kind, value.bits, {}});
}

}  // namespace pomiar::storage
