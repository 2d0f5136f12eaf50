#include "storage/retention.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "storage/head.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kRowsAtOnce = 32;          // in one transaction
constexpr Nanoseconds kPassesPerKeep = 32;       // a group is looked after so often in the time that a level is kept
constexpr std::uint64_t kSparePages = 256;       // free pages that are kept for what comes next
constexpr std::uint64_t kRoomStep = 256u << 10;  // so much more than asked for is made
constexpr Nanoseconds kForever = RetentionPolicy::kForever;

Result<std::uint64_t> pragma(Connection& connection, const char* name) {
    auto statement = connection.prepare(fmt::format("PRAGMA {}", name));
    if (!statement) return failure(std::move(statement));
    auto row = statement->step();
    if (!row) return failure(std::move(row));
    return static_cast<std::uint64_t>(statement->integer(0));
}

Nanoseconds before(Nanoseconds now, Nanoseconds age) {
    return now < kAllTime.from + age ? kAllTime.from : now - age;
}

Nanoseconds day_start(Nanoseconds time) {
    const Nanoseconds rest = time % kDay;
    return time - (rest < 0 ? rest + kDay : rest);
}

void append(const Readings& from, std::size_t first, std::size_t last, Readings& to) {
    append_rows(from, first, last, to);
}
void append(const RollUps& from, std::size_t first, std::size_t last, RollUps& to) {
    for (std::size_t i = first; i < last; ++i) to.push(from, i);
}

// Rows [0, count), which are later than all before, coarser; the last span goes on.
void append_rolled_up(const Readings& readings, std::size_t count, Level level, RollUps& out) {
    roll_up(readings, 0, count, level, out);
}
void append_rolled_up(const RollUps& roll_ups, std::size_t count, Level level, RollUps& out) {
    roll_up(roll_ups, 0, count, level, out);
}

template <class Content>
Result<std::vector<SeriesPart<Content>>> take(BlockWriter& blocks, GroupId group, std::int64_t id) {
    if constexpr (std::is_same_v<Content, Readings>) {
        return blocks.take_readings(group, id);
    } else {
        return blocks.take_roll_ups(group, id);
    }
}

}  // namespace

Retention::Retention(Connection& connection, BlockWriter& blocks, const RetentionPolicy& policy)
    : connection_(&connection), blocks_(&blocks), policy_(policy) {}

Result<> Retention::bound(std::uint64_t database_bytes_max) {
    auto page = pragma(*connection_, "page_size");
    if (!page) return failure(std::move(page));
    bytes_max_ = database_bytes_max;
    return connection_->execute(fmt::format("PRAGMA max_page_count={}", bytes_max_ / *page));
}

Result<std::uint64_t> Retention::used_bytes() {
    auto pages = pragma(*connection_, "page_count");
    if (!pages) return pages;
    auto spare = pragma(*connection_, "freelist_count");
    if (!spare) return spare;
    auto size = pragma(*connection_, "page_size");
    if (!size) return size;
    return (*pages - *spare) * *size;
}

Result<GroupId> Retention::oldest_group(Level level) {
    auto statement = connection_->prepare("SELECT grp FROM blocks WHERE level = ?1 ORDER BY start LIMIT 1");
    if (!statement) return failure(std::move(statement));
    auto row = statement->bind(1, static_cast<std::int64_t>(level)).step();
    if (!row) return failure(std::move(row));
    return *row ? static_cast<GroupId>(statement->integer(0)) : GroupId{0};
}

Result<std::vector<BlockRow>> Retention::rows_of(Level level, GroupId group, Nanoseconds until) {
    std::vector<BlockRow> rows;
    auto row = blocks_->rows().first(level, group);
    while (row && *row && (*row)->start < until && rows.size() < kRowsAtOnce) {
        rows.push_back(**row);
        row = blocks_->rows().after(level, group, (*row)->start);
    }
    if (!row) return failure(std::move(row));
    return rows;
}

// What a level becomes: the finest one that is kept as long. Raw: nothing is, it goes for good.
Level Retention::coarser(Level level) const {
    for (const Level next : kLevels) {
        if (next > level && keep(next) >= keep(level)) return next;
    }
    return Level::raw;
}

Result<> Retention::expire(Nanoseconds now, const std::function<void()>& meanwhile) {
    for (const Level level : kLevels) {
        for (;;) {
            auto more = expire_some(level, now);
            if (!more) return failure(std::move(more));
            if (!*more) break;
            meanwhile();
        }
    }
    return {};
}

// false: nothing was too old for long enough.
Result<bool> Retention::expire_some(Level level, Nanoseconds now) {
    if (keep(level) == kForever) return false;
    // Whole days, so that what is made of them has whole spans.
    const Nanoseconds until = day_start(before(now, keep(level)));
    const auto group = oldest_group(level);
    if (!group || *group == 0) return group ? Result<bool>(false) : failure(Result<GroupId>(group));
    auto rows = rows_of(level, *group, until);
    if (!rows) return failure(std::move(rows));
    // Some days at once, as the roll-ups' last block is written anew each time.
    if (rows->empty() || rows->front().start >= before(until, keep(level) / kPassesPerKeep)) return false;
    if (auto r = demote(level, *group, *rows, until); !r) return failure(std::move(r));
    return true;
}

// false: all that may go is gone.
Result<bool> Retention::spare_some(Level level) {
    const auto group = oldest_group(level);
    if (!group || *group == 0) return group ? Result<bool>(false) : failure(Result<GroupId>(group));
    auto rows = rows_of(level, *group, kAllTime.to);
    if (!rows) return failure(std::move(rows));
    // Half of them, so that the newest stay; of a single one nothing but itself can go.
    const std::size_t half = std::max<std::size_t>(1, rows->size() / 2);
    const Nanoseconds day = day_start((*rows)[half - 1].end);
    const Nanoseconds until = rows->size() > 1 && day > rows->front().start ? day : (*rows)[half - 1].end + 1;
    if (auto r = demote(level, *group, *rows, until); !r) return failure(std::move(r));
    return true;
}

Result<> Retention::demote(Level level, GroupId group, const std::vector<BlockRow>& rows, Nanoseconds until) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return failure(std::move(transaction));
    blocks_->begin();
    auto demoted = level == Level::raw ? demote_rows<Readings>(level, group, rows, until)
                                       : demote_rows<RollUps>(level, group, rows, until);
    if (!demoted) return demoted;
    if (auto r = blocks_->verify(); !r) return r;
    if (auto r = transaction->commit(); !r) return r;
    (void)connection_->checkpoint();  // where a reader stands in the way, the log is longer for a while
    return {};
}

template <class Content>
Result<> Retention::demote_rows(Level level, GroupId group, const std::vector<BlockRow>& rows, Nanoseconds until) {
    const Level target = coarser(level);
    std::map<SeriesId, RollUps> coarse;
    std::vector<SeriesPart<Content>> kept;
    for (const BlockRow& row : rows) {
        if (row.start >= until) break;
        auto parts = take<Content>(*blocks_, group, row.id);
        if (!parts) return failure(std::move(parts));
        for (auto& part : *parts) {
            const auto& times = part.content.times;
            const auto count = static_cast<std::size_t>(std::ranges::lower_bound(times, until) - times.begin());
            if (target != Level::raw) append_rolled_up(part.content, count, target, coarse[part.series]);
            if (count == times.size()) continue;
            Content rest;
            append(part.content, count, times.size(), rest);
            kept.push_back({part.series, std::move(rest)});
        }
    }
    RollUpParts demoted;
    for (auto& [series, roll_ups] : coarse) {
        if (!roll_ups.empty()) demoted.push_back({series, std::move(roll_ups)});
    }
    if (!demoted.empty()) {
        if (auto r = blocks_->merge(group, target, std::move(demoted)); !r) return r;
    }
    if (kept.empty()) return {};
    if constexpr (std::is_same_v<Content, Readings>) {
        return blocks_->merge(group, std::move(kept));
    } else {
        return blocks_->merge(group, level, std::move(kept));
    }
}

Result<> Retention::make_room(std::uint64_t bytes, const std::function<void()>& meanwhile) {
    if (bytes_max_ == 0) return {};
    for (bool made = false;; made = true) {
        auto used = used_bytes();
        if (!used) return failure(std::move(used));
        if (*used + bytes + (made ? kRoomStep : 0) <= bytes_max_) return {};
        auto level = level_to_spare();
        if (!level) return failure(std::move(level));
        auto spared = spare_some(*level);
        if (!spared) return failure(std::move(spared));
        if (!*spared) return failure(ErrorKind::full, "storage.budget is too small for what there is");
        meanwhile();
    }
}

// The oldest readings go first. Roll-ups of five minutes go when they take more than a third, so that there is always
// room for new readings; then those of hours, then days.
Result<Level> Retention::level_to_spare() {
    auto all = levels();
    if (!all) return failure(std::move(all));
    std::uint64_t total = 0;
    for (const LevelStatistics& level : *all) total += level.bytes;
    for (const Level level : {Level::five_minutes, Level::hour, Level::day}) {
        if ((*all)[static_cast<std::size_t>(level)].bytes > total / 3) return level;
    }
    return Level::raw;
}

Result<std::array<LevelStatistics, kLevels.size()>> Retention::levels() {
    auto statement = connection_->prepare(
        "SELECT level, count(*), sum(count), sum(length(data) + length(coarse)), min(start) FROM blocks GROUP BY "
        "level");
    if (!statement) return failure(std::move(statement));
    std::array<LevelStatistics, kLevels.size()> levels{};
    for (;;) {
        auto row = statement->step();
        if (!row) return failure(std::move(row));
        if (!*row) return levels;
        const std::int64_t level = statement->integer(0);
        if (level < 0 || level >= std::ssize(levels)) continue;  // damage: for `check` to tell
        levels[static_cast<std::size_t>(level)] = {
            static_cast<std::uint64_t>(statement->integer(1)), static_cast<std::uint64_t>(statement->integer(2)),
            static_cast<std::uint64_t>(statement->integer(3)), statement->integer(4)};
    }
}

Result<> Retention::shrink(const std::function<void()>& meanwhile) {
    for (;;) {
        auto pages = pragma(*connection_, "page_count");
        if (!pages) return failure(std::move(pages));
        auto spare = pragma(*connection_, "freelist_count");
        if (!spare) return failure(std::move(spare));
        if (*spare <= kSparePages + *pages / 16) return {};
        if (auto r = connection_->execute("PRAGMA incremental_vacuum(100)"); !r) return r;
        if (auto r = connection_->checkpoint(); !r) return r;
        auto left = pragma(*connection_, "freelist_count");
        if (!left) return failure(std::move(left));
        if (*left >= *spare) return {};  // this file cannot shrink
        meanwhile();
    }
}

}  // namespace pomiar::storage
