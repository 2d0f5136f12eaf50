#include "storage/block_rows.hpp"

#include <limits>
#include <utility>

#include <fmt/core.h>

#include "storage/database/schema.hpp"

namespace pomiar::storage {
namespace {

std::int64_t number(Level level) {
    return static_cast<std::int64_t>(level);
}

BlockRow row_of(const Statement& statement) {
    return {statement.integer(0), statement.integer(1), statement.integer(2),
            static_cast<std::uint64_t>(statement.integer(3))};
}

Result<std::optional<BlockRow>> one_row(Statement& statement) {
    auto row = statement.step();
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<BlockRow>{};
    const BlockRow found = row_of(statement);
    statement.reset();
    return found;
}

Result<std::optional<std::string_view>> one_blob(Statement& statement, std::int64_t id) {
    statement.reset();
    auto row = statement.bind(1, id).step();
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<std::string_view>{};
    return std::optional(statement.blob(0));
}

}  // namespace

Result<BlockWalk> BlockWalk::open(Connection& connection) {
    BlockWalk walk;
    auto prepared = connection.prepare(
        "SELECT id, start, end, count FROM blocks WHERE level = ?1 AND grp = ?2 AND start >= coalesce((SELECT "
        "max(start) "
        "FROM blocks WHERE level = ?1 AND grp = ?2 AND start <= ?3), ?3) AND start <= ?4 ORDER BY start");
    if (!prepared) return failure(std::move(prepared));
    walk.walk_ = std::move(*prepared);
    return walk;
}

void BlockWalk::seek(Level level, GroupId group, TimeRange range) {
    walk_.reset();
    const Nanoseconds last = range.to == kAllTime.to || range.to == kAllTime.from ? range.to : range.to - 1;
    walk_.bind(1, number(level)).bind(2, std::int64_t{group}).bind(3, range.from).bind(4, last);
    at_end_ = false;
}

Result<std::optional<BlockRow>> BlockWalk::next() {
    if (at_end_) return std::optional<BlockRow>{};
    auto row = walk_.step();
    at_end_ = !row || !*row;
    pages_damaged_ |= !row;
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<BlockRow>{};
    return std::optional(row_of(walk_));
}

void BlockWalk::reset() {
    walk_.reset();
    at_end_ = true;
}

Result<BlockRows> BlockRows::open(Connection& connection) {
    BlockRows rows;
    const std::pair<Statement*, std::string_view> statements[] = {
        {&rows.group_, "SELECT grp FROM series WHERE id = ?1"},
        {&rows.data_, "SELECT data FROM blocks WHERE id = ?1"},
        {&rows.coarse_, "SELECT coarse FROM blocks WHERE id = ?1"},
        {&rows.first_, "SELECT id, start, end, count FROM blocks WHERE level = ?1 AND grp = ?2 ORDER BY start LIMIT 1"},
        {&rows.at_or_before_,
         "SELECT id, start, end, count FROM blocks WHERE level = ?1 AND grp = ?2 AND start <= ?3 ORDER BY start DESC "
         "LIMIT 1"},
        {&rows.before_,
         "SELECT id, start, end, count FROM blocks WHERE level = ?1 AND grp = ?2 AND start < ?3 ORDER BY start DESC "
         "LIMIT 1"},
        {&rows.after_,
         "SELECT id, start, end, count FROM blocks WHERE level = ?1 AND grp = ?2 AND start > ?3 ORDER BY start LIMIT "
         "1"},
        {&rows.insert_,
         "INSERT INTO blocks (level, grp, start, end, count, coarse, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
         "RETURNING id"},
        // By the table itself, not by the index.
        {&rows.exists_, "SELECT 1 FROM blocks WHERE id = ?1 AND +level = ?2 AND +grp = ?3 AND +start = ?4"},
        {&rows.erase_, "DELETE FROM blocks WHERE id = ?1"}};
    for (const auto& [statement, sql] : statements) {
        auto prepared = connection.prepare(sql);
        if (!prepared) return failure(std::move(prepared));
        *statement = std::move(*prepared);
    }
    return rows;
}

Result<GroupId> BlockRows::group_of(SeriesId series) {
    auto row = group_.bind(1, std::int64_t{series}).step();
    if (!row) return failure(std::move(row));
    const auto group = *row ? static_cast<GroupId>(group_.integer(0)) : GroupId{0};
    group_.reset();
    return group;
}

Result<std::optional<std::string_view>> BlockRows::data(std::int64_t id) {
    auto blob = one_blob(data_, id);
    pages_damaged_ |= !blob || !*blob;
    return blob;
}
Result<std::optional<std::string_view>> BlockRows::coarse(std::int64_t id) {
    auto blob = one_blob(coarse_, id);
    pages_damaged_ |= !blob || !*blob;
    return blob;
}

void BlockRows::reset() {
    data_.reset();
    coarse_.reset();
}

Result<std::optional<BlockRow>> BlockRows::first(Level level, GroupId group) {
    return one_row(first_.bind(1, number(level)).bind(2, std::int64_t{group}));
}
Result<std::optional<BlockRow>> BlockRows::last(Level level, GroupId group) {
    return at_or_before(level, group, std::numeric_limits<Nanoseconds>::max());
}
Result<std::optional<BlockRow>> BlockRows::at_or_before(Level level, GroupId group, Nanoseconds time) {
    return one_row(at_or_before_.bind(1, number(level)).bind(2, std::int64_t{group}).bind(3, time));
}
Result<std::optional<BlockRow>> BlockRows::before(Level level, GroupId group, Nanoseconds time) {
    return one_row(before_.bind(1, number(level)).bind(2, std::int64_t{group}).bind(3, time));
}
Result<std::optional<BlockRow>> BlockRows::after(Level level, GroupId group, Nanoseconds time) {
    return one_row(after_.bind(1, number(level)).bind(2, std::int64_t{group}).bind(3, time));
}

Result<std::int64_t> BlockRows::insert(Level level, GroupId group, const BlockRow& row, std::string_view coarse,
                                       std::string_view data) {
    auto inserted = insert_.bind(1, number(level))
                        .bind(2, std::int64_t{group})
                        .bind(3, row.start)
                        .bind(4, row.end)
                        .bind(5, static_cast<std::int64_t>(row.count))
                        .bind_blob(6, coarse)
                        .bind_blob(7, data)
                        .step();
    if (!inserted) return failure(std::move(inserted));
    const std::int64_t id = insert_.integer(0);
    insert_.reset();
    return id;
}

Result<> BlockRows::expect_found(std::int64_t id, Level level, GroupId group, Nanoseconds start) {
    auto found = at_or_before(level, group, start);
    if (!found) return failure(std::move(found));
    if (*found && (*found)->id == id) return {};
    auto exists = exists_.bind(1, id).bind(2, number(level)).bind(3, std::int64_t{group}).bind(4, start).step();
    if (!exists) return failure(std::move(exists));
    exists_.reset();
    if (!*exists) return {};
    return failure(ErrorKind::corrupt, fmt::format("the index of pomiar.db does not lead to block {}", id));
}

Result<> BlockRows::erase(std::int64_t id) {
    return erase_.bind(1, id).run();
}

Result<> BlockRows::set_aside(std::int64_t id) {
    auto table = erase_.prepare_beside(kDamagedBlocks);
    if (!table) return failure(std::move(table));
    if (auto made = table->run(); !made) return made;
    auto copy = erase_.prepare_beside(
        "INSERT OR IGNORE INTO damaged_blocks SELECT id, level, grp, start, end, count, data FROM blocks WHERE id = "
        "?1");
    if (!copy) return failure(std::move(copy));
    return copy->bind(1, id).run();
}

}  // namespace pomiar::storage
