#include "storage/sealer.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "storage/database/schema.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint64_t kTransactionBytesMax = 512u << 10;  // of blocks
constexpr std::uint64_t kBytesPerReading = 2;               // in a block: rather more than it will be

}  // namespace

Result<Sealer> Sealer::open(Connection database, SeriesId series_saved, State& state) {
    auto blocks = BlockWriter::open(database, [&state](SeriesId id) {
        const std::lock_guard lock(state.mutex);
        return state.catalog.knows(id) ? state.catalog.info(id).type : SeriesType::number;
    });
    if (!blocks) return failure(std::move(blocks));
    Sealer sealer(std::move(database), std::move(*blocks), series_saved, state);
    if (auto loaded = sealer.load_groups(); !loaded) return failure(std::move(loaded));
    return sealer;
}

Result<> Sealer::load_groups() {
    auto rows = database_.prepare("SELECT id, grp FROM series");
    if (!rows) return failure(std::move(rows));
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        const std::int64_t id = rows->integer(0);
        const std::int64_t group = rows->integer(1);
        if (id <= 0 || id > series_saved_ || group <= 0 || group > series_saved_)
            continue;  // damaged: told by recovery
        const auto size = static_cast<std::size_t>(series_saved_);
        if (groups_.size() < size) groups_.resize(size);
        if (members_.size() <= size) members_.resize(size + 1);
        groups_[static_cast<std::size_t>(id - 1)] = static_cast<GroupId>(group);
        ++members_[static_cast<std::size_t>(group)];
    }
}

std::uint64_t Sealer::bytes_foreseen() const {
    std::uint64_t bytes = kTransactionBytesMax;
    for (const Head& head : state_->sealing) bytes += kBytesPerReading * head.size() + head.text_bytes();
    return bytes;
}

Result<> Sealer::seal(Position end, const std::function<void()>& meanwhile) {
    if (!committed_) {
        auto done = transact(end, meanwhile);
        transaction_.reset();
        moved_.clear();
        if (!done) return done;
        committed_ = true;
    }
    // Before a segment is reused its readings must be in the database file itself, synced.
    if (auto r = database_.checkpoint(); !r) return r;
    committed_ = false;
    return {};
}

Result<> Sealer::transact(Position end, const std::function<void()>& meanwhile) {
    if (auto r = begin(); !r) return r;
    for (const Removal& removal : state_->sealing_removals) {
        if (auto r = remove(removal); !r) return r;
        meanwhile();
    }
    auto groups = place_series();
    if (!groups) return failure(std::move(groups));
    if (auto r = save_series(*groups); !r) return r;
    if (auto r = merge_heads(*groups, meanwhile); !r) return r;
    if (auto r = save_waiting(); !r) return r;
    if (auto r = save_released(database_, end); !r) return r;
    if (state_->trusted) {
        if (auto r = save_trusted(database_, state_->trusted->deletion_now()); !r) return r;
    }
    if (auto r = commit(*groups); !r) return r;

    // A reader sees the readings in both places for a moment, never in neither.
    const std::lock_guard lock(state_->mutex);
    state_->sealing = {};
    state_->sealing_removals.clear();
    state_->waiting_sealing.reset();
    ++state_->seal_epoch;
    return {};
}

Result<> Sealer::remove(const Removal& removal) {
    std::vector<std::pair<GroupId, SeriesId>> by_group;
    for (const SeriesId id : removal.series) {
        if (id <= groups_.size() && groups_[id - 1] != 0) by_group.emplace_back(groups_[id - 1], id);
    }
    std::ranges::sort(by_group);
    for (auto first = by_group.begin(); first != by_group.end();) {
        const GroupId group = first->first;
        std::vector<SeriesId> series;
        for (; first != by_group.end() && first->first == group; ++first) series.push_back(first->second);
        if (auto r = blocks_.remove(group, series, removal.range, [this] { return breathe(groups_); }); !r) return r;
    }
    return {};
}

// Groups with those that are sealed now and were in none.
Result<Sealer::Groups> Sealer::place_series() {
    Groups groups = groups_;
    const auto& heads = state_->sealing;
    groups.resize(std::max(groups.size(), heads.size()));
    members_.resize(std::max(members_.size(), groups.size() + 1));
    settled_.resize(groups.size());
    std::vector<SeriesId> movable;
    for (SeriesId id = 1; id <= heads.size(); ++id) {
        if (heads[id - 1].empty()) continue;
        auto may = may_move(id);
        if (!may) return failure(std::move(may));
        if (*may) movable.push_back(id);
    }
    if (movable.empty()) return groups;
    Grouping grouping;
    std::vector<std::uint32_t> members = members_;
    for (SeriesId id = 1; id <= heads.size(); ++id) {
        if (heads[id - 1].empty()) continue;
        if (!std::ranges::binary_search(movable, id)) {
            if (groups[id - 1] == id) grouping.add(id, members[id], heads[id - 1].sorted_times());
            continue;
        }
        const GroupId before = groups[id - 1];
        const GroupId group = grouping.place(id, heads[id - 1].sorted_times());
        groups[id - 1] = group;
        if (before != group && before != 0) {
            if (auto r = leave(before, id); !r) return failure(std::move(r));
        }
    }
    return groups;
}

// Whether the series is new, or alone with so little that it can still be put together with others.
Result<bool> Sealer::may_move(SeriesId id) {
    if (id > groups_.size() || groups_[id - 1] == 0) return true;
    if (groups_[id - 1] != id || members_[id] != 1 || settled_[id - 1]) return false;
    for (const Level level : kLevels) {
        auto first = blocks_.rows().first(level, id);
        if (!first) return failure(std::move(first));
        if (!*first) continue;
        auto last = blocks_.rows().last(level, id);
        if (!last) return failure(std::move(last));
        const bool little =
            level == Level::raw && (*first)->id == (*last)->id && (*first)->count < kSealedReadingsMax / 2;
        if (!little) settled_[id - 1] = true;
    }
    return !settled_[id - 1];
}

// Takes what a series has in a group of its own.
Result<> Sealer::leave(GroupId group, SeriesId id) {
    auto row = blocks_.rows().first(Level::raw, group);
    if (!row) return failure(std::move(row));
    if (!*row) return {};
    auto parts = blocks_.take_readings(group, (*row)->id);
    if (!parts) return failure(std::move(parts));
    for (auto& part : *parts) moved_.emplace_back(id, std::move(part.content));
    return {};
}

Result<> Sealer::save_series(const Groups& groups) {
    std::vector<SeriesInfo> fresh;
    {
        const std::lock_guard lock(state_->mutex);
        const auto& all = state_->catalog.all();
        fresh.assign(all.begin() + series_saved_, all.end());
    }
    auto insert = database_.prepare("INSERT INTO series (id, sensor, field, type, grp) VALUES (?1, ?2, ?3, ?4, ?5)");
    if (!insert) return failure(std::move(insert));
    auto move = database_.prepare("UPDATE series SET grp = ?2 WHERE id = ?1");
    if (!move) return failure(std::move(move));
    for (SeriesId id = 1; id <= groups_.size() && id <= series_saved_; ++id) {
        if (groups[id - 1] == groups_[id - 1]) continue;
        if (auto r = move->bind(1, std::int64_t{id}).bind(2, std::int64_t{groups[id - 1]}).run(); !r) return r;
    }
    for (const SeriesInfo& info : fresh) {
        if (info.sensor.empty()) continue;  // its definition is lost
        const GroupId group = info.id <= groups.size() && groups[info.id - 1] != 0 ? groups[info.id - 1] : info.id;
        insert->bind(1, std::int64_t{info.id})
            .bind_text(2, info.sensor)
            .bind_text(3, info.field)
            .bind(4, static_cast<std::int64_t>(info.type))
            .bind(5, std::int64_t{group});
        if (auto r = insert->run(); !r) return r;
    }
    series_unsaved_ = static_cast<SeriesId>(fresh.size());
    return {};
}

Result<> Sealer::merge_heads(const Groups& groups, const std::function<void()>& meanwhile) {
    const auto& heads = state_->sealing;
    std::vector<std::pair<GroupId, SeriesId>> by_group;
    for (SeriesId id = 1; id <= heads.size(); ++id) {
        if (!heads[id - 1].empty()) by_group.emplace_back(groups[id - 1], id);
    }
    std::ranges::sort(by_group);
    for (auto first = by_group.begin(); first != by_group.end();) {
        const GroupId group = first->first;
        ReadingParts parts;
        for (; first != by_group.end() && first->first == group; ++first) {
            const SeriesId id = first->second;
            Readings readings = heads[id - 1].sorted(kAllTime);
            const auto moved = std::ranges::find(moved_, id, &std::pair<SeriesId, Readings>::first);
            if (moved != moved_.end()) readings = merge(moved->second, readings);
            parts.push_back({id, std::move(readings)});
        }
        if (auto r = blocks_.merge(group, std::move(parts)); !r) return r;
        meanwhile();
        if (auto r = breathe(groups); !r) return r;
    }
    return {};
}

// In place of what was saved before; nothing where it has not changed.
Result<> Sealer::save_waiting() {
    if (!state_->waiting_sealing) return {};
    const auto& payloads = *state_->waiting_sealing;
    if (auto made = payloads.empty() ? Result<>() : database_.execute(kWaiting); !made) return made;
    auto emptied = database_.execute("DELETE FROM waiting");
    if (payloads.empty() && !emptied && emptied.error().kind == ErrorKind::invalid) return {};  // no such table
    if (!emptied) return emptied;
    auto insert = database_.prepare("INSERT INTO waiting (payload) VALUES (?1)");
    if (!insert) return failure(std::move(insert));
    for (const std::string& payload : payloads) {
        std::string row;
        ByteWriter(row).fixed(crc32c(payload));
        row += payload;
        if (auto r = insert->bind_blob(1, row).run(); !r) return r;
    }
    return {};
}

Result<> Sealer::begin() {
    auto begun = Transaction::begin(database_);
    if (!begun) return failure(std::move(begun));
    transaction_.emplace(std::move(*begun));
    blocks_.begin();
    bytes_at_begin_ = blocks_.bytes_written();
    return {};
}

Result<> Sealer::breathe(const Groups& groups) {
    // What was taken out of one place and is not in the other yet must not be committed.
    if (!moved_.empty() || blocks_.bytes_written() - bytes_at_begin_ < kTransactionBytesMax) return {};
    if (auto r = commit(groups); !r) return r;
    (void)database_.checkpoint();  // where a reader stands in the way, the log is longer for a while
    return begin();
}

Result<> Sealer::commit(const Groups& groups) {
    if (auto r = blocks_.verify(); !r) return r;
    if (auto r = transaction_->commit(); !r) return r;
    transaction_.reset();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const GroupId before = i < groups_.size() ? groups_[i] : 0;
        if (before == groups[i]) continue;
        if (before != 0) --members_[before];
        ++members_[groups[i]];
    }
    groups_ = groups;
    series_saved_ += std::exchange(series_unsaved_, 0);
    return {};
}

}  // namespace pomiar::storage
