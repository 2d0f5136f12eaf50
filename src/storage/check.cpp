#include "storage/check.hpp"

#include <cmath>

#include <fmt/core.h>

#include "storage/blocks.hpp"
#include "storage/codec/block.hpp"
#include "storage/database/connection.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/points.hpp"

namespace pomiar::storage {
namespace {

class Counting final : public PayloadVisitor {
  public:
    Result<> series(SeriesId, std::string_view, std::string_view, SeriesType) override { return {}; }
    Result<> point(SeriesId, Nanoseconds, const Value&) override {
        ++points;
        return {};
    }
    std::uint64_t points = 0;
};

void add_problem(CheckReport& report, std::string problem) {
    if (report.problems.size() < CheckReport::kProblemsMax) report.problems.push_back(std::move(problem));
}

Result<> check_journal(const std::string& path, FileSystem& files, Position released, CheckReport& report) {
    Counting counting;
    auto journal = Journal::inspect(path + "/journal", files, released, [&](Position at, std::string_view payload) {
        if (auto read = read_payload(payload, counting); !read) {
            add_problem(report, fmt::format("journal position {}: {}", at, read.error().message));
        }
    });
    if (!journal) return failure(std::move(journal));
    report.journal_segments = journal->segments;
    report.journal_records = journal->records;
    report.journal_readings = counting.points;
    for (std::string& message : journal->messages) add_problem(report, std::move(message));
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

Result<> check_blocks(Connection& database, CheckReport& report) {
    auto rows = database.prepare(
        "SELECT id, series, start, end, count, min, max, sum, data FROM blocks ORDER BY series, start");
    if (!rows) return failure(std::move(rows));
    std::int64_t series = 0;
    std::int64_t end = 0;
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        check_block(*rows, series, end, report);
        series = rows->integer(1);
        end = rows->integer(3);
    }
}

Result<> check_database(const std::string& path, Position& released, CheckReport& report) {
    auto database = Connection::open(path + "/pomiar.db", Connection::Access::read_only, 1u << 20);
    if (!database) return failure(std::move(database));
    auto integrity = database->prepare("PRAGMA integrity_check(20)");
    if (!integrity) return failure(std::move(integrity));
    for (;;) {
        auto row = integrity->step();
        if (!row) return failure(std::move(row));
        if (!*row) break;
        if (integrity->text(0) != "ok") add_problem(report, fmt::format("pomiar.db: {}", integrity->text(0)));
    }
    auto counts = database->prepare(
        "SELECT (SELECT count(*) FROM series), (SELECT count(*) FROM damaged_blocks), "
        "(SELECT value FROM meta WHERE key = 'released')");
    if (!counts) return failure(std::move(counts));
    if (auto row = counts->step(); !row) return failure(std::move(row));
    report.series = static_cast<std::uint64_t>(counts->integer(0));
    released = static_cast<Position>(counts->integer(2));
    if (counts->integer(1) != 0)
        add_problem(report, fmt::format("pomiar.db: {} damaged blocks were set aside", counts->integer(1)));
    counts->reset();
    return check_blocks(*database, report);
}

}  // namespace

Result<CheckReport> check(const std::string& path, FileSystem& files) {
    if (auto listed = files.list(path + "/journal"); !listed) return failure(std::move(listed));
    CheckReport report;
    Position released = 0;
    if (auto r = check_database(path, released, report); !r) {
        if (r.error().kind != ErrorKind::corrupt) return failure(std::move(r));
        add_problem(report, std::move(r.error().message));
    }
    if (auto r = check_journal(path, files, released, report); !r) return failure(std::move(r));
    return report;
}

}  // namespace pomiar::storage
