#include "storage/check.hpp"

#include <map>

#include <fmt/core.h>

#include "storage/blocks.hpp"
#include "storage/codec/block.hpp"
#include "storage/database/connection.hpp"
#include "storage/database/schema.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/points.hpp"

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
    Result<> point(SeriesId id, Nanoseconds, const Value& value) override {
        const auto found = defined_.find(id);
        const bool held = found != defined_.end() && found->second == series_type(value.kind);
        ++(held ? points : lost[id]);
        return {};
    }

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
};

Result<> check_journal(const std::string& path, FileSystem& files, Database& database, CheckReport& report) {
    Counting counting(database.series);
    auto journal =
        Journal::inspect(path + "/journal", files, database.released, [&](Position at, std::string_view payload) {
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

// One row of `blocks`: id, series, start, end, count, min, max, sum, data.
void check_block(Statement& row, std::int64_t previous_series, std::int64_t previous_end, CheckReport& report) {
    const std::string name = fmt::format("block {} of series {}", row.integer(0), row.integer(1));
    Readings readings;
    if (auto decoded = decode_block(row.blob(8), readings); !decoded) {
        add_problem(report, fmt::format("{}: {}", name, decoded.error().message));
        return;
    }
    const Summary found = summarize(readings, 0, readings.size());
    if (found.start != row.integer(2) || found.end != row.integer(3) ||
        static_cast<std::int64_t>(found.count) != row.integer(4)) {
        add_problem(report, fmt::format("{}: its times or count are not those of its row", name));
    }
    const bool summary_differs =
        !row.is_null(5) && (found.min != row.real(5) || found.max != row.real(6) || found.sum != row.real(7));
    if (summary_differs)
        add_problem(report, fmt::format("{}: its minimum, maximum or sum are not those of its row", name));
    if (row.integer(1) == previous_series && found.start <= previous_end) {
        add_problem(report, fmt::format("{}: it overlaps the block before it", name));
    }
    ++report.blocks;
    report.block_readings += found.count;
    report.block_bytes += row.blob(8).size();
}

// By the index, and each row by itself: a page that cannot be read hides no more than what is on it.
Result<> check_blocks(Connection& database, CheckReport& report) {
    auto index = database.prepare("SELECT id, series, start FROM blocks ORDER BY series, start");
    if (!index) return failure(std::move(index));
    auto fetch =
        database.prepare("SELECT id, series, start, end, count, min, max, sum, data FROM blocks WHERE id = ?1");
    if (!fetch) return failure(std::move(fetch));
    std::int64_t series = 0;
    std::int64_t end = 0;
    for (;;) {
        auto row = index->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        auto found = fetch->bind(1, index->integer(0)).step();
        if (found && *found) {
            check_block(*fetch, series, end, report);
            series = fetch->integer(1);
            end = fetch->integer(3);
        } else {
            add_problem(report, fmt::format("block {} of series {}: {}", index->integer(0), index->integer(1),
                                            found ? "its row is missing" : found.error().message));
        }
        fetch->reset();
    }
}

Result<> load_series(Connection& connection, Database& database, CheckReport& report) {
    auto rows = connection.prepare("SELECT id, type FROM series");
    if (!rows) return failure(std::move(rows));
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) break;
        database.series.emplace(static_cast<SeriesId>(rows->integer(0)), static_cast<SeriesType>(rows->integer(1)));
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
                              count_damaged(*connection, report), check_blocks(*connection, report)};
    for (const Result<>& part : parts) {
        if (part) continue;
        if (part.error().kind != ErrorKind::corrupt && part.error().kind != ErrorKind::io)
            return failure(part.error().kind, part.error().message);
        add_problem(report, part.error().message);
    }
    return {};
}

}  // namespace

Result<CheckReport> check(const std::string& path, FileSystem& files) {
    if (auto listed = files.list(path + "/journal"); !listed) return failure(std::move(listed));
    CheckReport report;
    Database database;
    if (auto r = check_database(path, database, report); !r) {
        if (r.error().kind != ErrorKind::corrupt) return failure(std::move(r));
        add_problem(report, std::move(r.error().message));
    }
    if (auto r = check_journal(path, files, database, report); !r) return failure(std::move(r));
    return report;
}

}  // namespace pomiar::storage
