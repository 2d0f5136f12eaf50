#include "ingest/database/table_walk.hpp"

#include <limits>
#include <utility>

#include <fmt/core.h>

namespace pomiar::ingest {
namespace {

constexpr std::int64_t kRowMax = std::numeric_limits<std::int64_t>::max();

bool is_damage(const Result<bool>& row) {
    return !row && row.error().kind == ErrorKind::corrupt;
}

// The sum, as far as there are numbers.
std::int64_t row_after(std::int64_t row, std::int64_t step) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(row, step, &sum) ? kRowMax : sum;
}

}  // namespace

Result<TableWalk> TableWalk::open(SqliteFile& file, std::string select, std::string rowid) {
    TableWalk walk(file, std::move(select), std::move(rowid));
    auto rows = file.query(walk.select_ + (walk.rowid_.empty() ? "" : " ORDER BY " + walk.rowid_));
    if (!rows) return failure(std::move(rows));
    walk.rows_ = std::move(*rows);
    return walk;
}

Result<bool> TableWalk::next() {
    if (rowid_.empty()) return rows_.next();
    auto row = step_from(last_);
    if (is_damage(row)) row = pass_over(row.error());
    if (row && *row) last_ = rows_.integer(0);
    return row;
}

// Where half a page is lost, SQLite takes its zeros for rows; their numbers tell.
Result<bool> TableWalk::step_from(std::optional<std::int64_t> last) {
    auto row = rows_.next();
    if (row && *row && last && rows_.integer(0) <= *last)
        return failure(ErrorKind::corrupt, "cannot be read: its rows are out of order");
    return row;
}

// Goes to the first row behind this one.
Result<bool> TableWalk::start_after(std::int64_t row) {
    auto rows = file_->query(fmt::format("{} WHERE {} > {} ORDER BY {}", select_, rowid_, row, rowid_));
    if (!rows) return failure(std::move(rows));
    rows_ = std::move(*rows);
    return step_from(row);
}

// A damaged page hides a range of rows: further and further steps find one behind it, halves of the last step the
// first.
Result<bool> TableWalk::pass_over(const Error& damage) {
    const std::int64_t last = last_.value_or(0);
    gap_ = Gap{row_after(last, 1), std::nullopt, damage.message};
    std::int64_t hidden = last;
    std::int64_t step = 1;
    std::int64_t readable = row_after(last, step);
    Result<bool> row = start_after(readable);
    while (is_damage(row)) {
        if (readable == kRowMax) return false;
        hidden = readable;
        step = row_after(step, step);
        readable = row_after(last, step);
        row = start_after(readable);
    }
    while (row && readable - hidden > 1) {
        const std::int64_t middle = hidden + (readable - hidden) / 2;
        row = start_after(middle);
        (is_damage(row) ? hidden : readable) = middle;
        if (is_damage(row)) row = true;
    }
    if (row) row = start_after(readable);
    if (row && *row) gap_->last = row_after(rows_.integer(0), -1);
    return row;
}

}  // namespace pomiar::ingest
