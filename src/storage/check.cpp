#include "storage/check.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "storage/codec/block.hpp"
#include "storage/database/connection.hpp"
#include "storage/database/schema.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/points.hpp"
#include "storage/salvage.hpp"
#include "storage/spool_place.hpp"

namespace pomiar::storage {
namespace {

// Counts readings, and those that no series holds.
class Counting final : public PayloadVisitor {
  public:
    explicit Counting(std::map<SeriesId, SeriesType>& defined) : defined_(defined) {}
    Result<> series(SeriesId id, std::string_view, std::string_view, SeriesType type) override {
        defined_.emplace(id, type);
        return {};
    }
    Result<> untimed(std::string_view, SeriesId id, Nanoseconds since_boot, const Value& value) override {
        return point(id, since_boot, value);
    }
    Result<> ahead(SeriesId id, Nanoseconds time, const Value& value) override { return point(id, time, value); }
    Result<> timed(std::string_view, Nanoseconds) override { return {}; }
    Result<> come(Nanoseconds) override { return {}; }
    Result<> point(SeriesId id, Nanoseconds, const Value& value) override {
        const auto found = defined_.find(id);
        const bool held = found != defined_.end() && found->second == series_type(value.kind);
        ++(held ? points : lost[id]);
        return {};
    }

    Result<> removal(const std::vector<SeriesId>&, TimeRange) override { return {}; }

    std::uint64_t points = 0;
    std::map<SeriesId, std::uint64_t> lost;

  private:
    std::map<SeriesId, SeriesType>& defined_;
};

void add_problem(CheckReport& report, std::string problem) {
    if (report.problems.size() < CheckReport::kProblemsMax) report.problems.push_back(std::move(problem));
}

struct Database {
    Position released = 0;
    std::map<SeriesId, SeriesType> series;
    std::map<SeriesId, std::int64_t> groups;
};

Result<> check_journal(const std::string& path, FileSystem& files, Database& database, CheckReport& report) {
    Counting counting(database.series);
    auto journal = Journal::inspect(
        path + "/journal", noted_spool(path), files, database.released, [&](Position at, std::string_view payload) {
            if (auto read = read_payload(payload, counting); !read) {
                add_problem(report, fmt::format("journal position {}: {}", at, read.error().message));
            }
        });
    if (!journal) return failure(std::move(journal));
    report.journal_segments = journal->segments;
    report.journal_records = journal->records;
    report.journal_readings = counting.points;
    report.series = database.series.size();
    for (std::string& message : journal->messages) add_problem(report, std::move(message));
    for (const auto& [id, count] : counting.lost) {
        add_problem(report, fmt::format("journal: {} readings of series {}, whose definition is damaged or missing",
                                        count, id));
    }
    return {};
}

// What the columns of one block have together.
struct Content {
    Nanoseconds start = kAllTime.to;
    Nanoseconds end = kAllTime.from;
    std::uint64_t count = 0;
    std::uint64_t readings = 0;  // of roll-ups: as they count

    void add(const std::vector<Nanoseconds>& times) {
        start = std::min(start, times.front());
        end = std::max(end, times.back());
        count += times.size();
    }
};

std::uint64_t sum_of(const std::vector<std::uint64_t>& counts) {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts) sum += count;
    return sum;
}

// Reads every column. What is told of them coarsely must be as many readings.
void read_columns(const BlockView& view, const std::string& name, const BlockView* coarse, Content& content,
                  CheckReport& report) {
    for (std::size_t i = 0; i < view.columns().size(); ++i) {
        const SeriesId series = view.columns()[i].series;
        Readings readings;
        RollUps roll_ups;
        auto read = view.level() == Level::raw ? view.read(i, readings) : view.read(i, roll_ups);
        if (!read) {
            add_problem(report, fmt::format("{}, series {}: {}", name, series, read.error().message));
            continue;
        }
        content.add(view.level() == Level::raw ? readings.times : roll_ups.times);
        const std::uint64_t count = view.level() == Level::raw ? readings.size() : sum_of(roll_ups.counts);
        content.readings += count;
        const auto told = coarse != nullptr ? coarse->find(series) : std::nullopt;
        if (!told) continue;
        RollUps summary;
        if (auto r = coarse->read(*told, summary); !r) {
            add_problem(report, fmt::format("{}, roll-ups of series {}: {}", name, series, r.error().message));
        } else if (sum_of(summary.counts) != count) {
            add_problem(report, fmt::format("{}: the roll-ups of series {} are of other readings", name, series));
        }
    }
}

// One row of `blocks`: id, level, grp, start, end, count, coarse, data.
void check_block(Statement& row, const Nanoseconds* previous_end, const std::map<SeriesId, std::int64_t>& groups,
                 CheckReport& report) {
    const std::string name = fmt::format("block {} of group {}", row.integer(0), row.integer(2));
    const auto view = BlockView::open(row.blob(7));
    if (!view) return add_problem(report, fmt::format("{}: {}", name, view.error().message));
    std::optional<BlockView> coarse;
    if (!row.blob(6).empty()) {
        auto opened = BlockView::open(row.blob(6));
        if (opened) coarse = std::move(*opened);
        if (!coarse) add_problem(report, fmt::format("{}, its roll-ups: {}", name, opened.error().message));
    }
    for (const auto& column : view->columns()) {
        const auto group = groups.find(column.series);
        if (group == groups.end() || group->second == row.integer(2)) continue;
        add_problem(report, fmt::format("{}: it has series {}, which table series has in group {}", name, column.series,
                                        group->second));
    }
    Content content;
    read_columns(*view, name, coarse ? &*coarse : nullptr, content, report);
    ++report.blocks;
    report.block_readings += content.readings;
    report.block_bytes += row.blob(6).size() + row.blob(7).size();
    if (static_cast<std::int64_t>(content.count) != row.integer(5)) {
        add_problem(report, fmt::format("{}: its count is not that of its row", name));
    } else if (content.start != row.integer(3) || content.end != row.integer(4)) {
        add_problem(report, fmt::format("{}: its times are not those of its row", name));
    }
    if (static_cast<std::int64_t>(view->level()) != row.integer(1))
        add_problem(report, fmt::format("{}: its level is not that of its row", name));
    if (previous_end && content.start <= *previous_end)
        add_problem(report, fmt::format("{}: it overlaps the block before it", name));
}

// By the index, and each row by itself: a page that cannot be read hides no more than what is on it.
Result<> check_blocks(Connection& database, const std::map<SeriesId, std::int64_t>& groups, CheckReport& report) {
    auto index = database.prepare("SELECT id, level, grp FROM blocks ORDER BY level, grp, start");
    if (!index) return failure(std::move(index));
    auto fetch = database.prepare("SELECT id, level, grp, start, end, count, coarse, data FROM blocks WHERE id = ?1");
    if (!fetch) return failure(std::move(fetch));
    std::pair<std::int64_t, std::int64_t> walked;
    Nanoseconds end = 0;
    bool is_first = true;  // of its group
    for (;;) {
        auto row = index->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        const std::pair at(index->integer(1), index->integer(2));
        is_first = is_first || at != walked;
        walked = at;
        auto found = fetch->bind(1, index->integer(0)).step();
        if (found && *found) {
            check_block(*fetch, is_first ? nullptr : &end, groups, report);
            end = fetch->integer(4);
            is_first = false;
        } else {
            add_problem(report, fmt::format("block {} of group {}: {}", index->integer(0), index->integer(2),
                                            found ? "its row is missing" : found.error().message));
        }
        fetch->reset();
    }
}

Result<> load_series(Connection& connection, Database& database, CheckReport& report) {
    auto rows = connection.prepare("SELECT id, type, grp FROM series");
    if (!rows) return failure(std::move(rows));
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) break;
        database.series.emplace(static_cast<SeriesId>(rows->integer(0)), static_cast<SeriesType>(rows->integer(1)));
        database.groups.emplace(static_cast<SeriesId>(rows->integer(0)), rows->integer(2));
    }
    report.series = database.series.size();
    return {};
}

Result<> check_integrity(Connection& connection, CheckReport& report) {
    auto integrity = connection.prepare("PRAGMA integrity_check(20)");
    if (!integrity) return failure(std::move(integrity));
    for (;;) {
        auto row = integrity->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        if (integrity->text(0) != "ok") add_problem(report, fmt::format("pomiar.db: {}", integrity->text(0)));
    }
}

Result<> count_damaged(Connection& connection, CheckReport& report) {
    auto count = connection.prepare("SELECT count(*) FROM damaged_blocks");
    if (!count && count.error().kind == ErrorKind::invalid) return {};  // no such table
    if (!count) return failure(std::move(count));
    if (auto row = count->step(); !row) return failure(std::move(row));
    if (count->integer(0) != 0)
        add_problem(report, fmt::format("pomiar.db: {} damaged blocks were set aside", count->integer(0)));
    return {};
}

// Each part by itself, so that damage to one hides nothing of the others.
Result<> check_database(const std::string& path, Database& database, CheckReport& report) {
    auto connection = Connection::open(path + "/pomiar.db", Connection::Access::read_only, 1u << 20);
    if (!connection) return failure(std::move(connection));
    auto released = load_released(*connection);
    if (released) database.released = *released;
    const Result<> parts[] = {released ? Result<>() : Result<>(failure(std::move(released))),
                              load_series(*connection, database, report), check_integrity(*connection, report),
                              count_damaged(*connection, report), check_blocks(*connection, database.groups, report)};
    for (const Result<>& part : parts) {
        if (part) continue;
        add_problem(report, part.error().message);
    }
    return {};
}

void check_aside(const std::string& path, FileSystem& files, CheckReport& report) {
    const auto names = files.list(path + "/damaged");
    if (!names) return;  // there is none
    for (const std::string& name : *names) {
        if (!name.ends_with(".db")) continue;
        add_problem(report,
                    fmt::format("damaged/{}: a database that was damaged; what could be read of it is in pomiar.db. "
                                "Delete it when nobody wants to look at it",
                                name));
    }
}

}  // namespace

Result<CheckReport> check(const std::string& path, FileSystem& files) {
    if (auto listed = files.list(path + "/journal"); !listed) return failure(std::move(listed));
    CheckReport report;
    Database database;
    auto read = check_database_header(path + "/pomiar.db", files);
    if (read) read = check_database(path, database, report);
    if (!read) add_problem(report, std::move(read.error().message));
    check_aside(path, files, report);
    if (auto r = check_journal(path, files, database, report); !r) return failure(std::move(r));
    return report;
}

}  // namespace pomiar::storage
