#include "storage/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "base/log.hpp"
#include "storage/codec/block.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {
namespace {

// Prepares each statement or gives the first error.
Result<> prepare(Connection& connection, std::initializer_list<std::pair<Statement*, std::string_view>> statements) {
    for (const auto& [statement, sql] : statements) {
        auto prepared = connection.prepare(sql);
        if (!prepared) return failure(std::move(prepared));
        *statement = std::move(*prepared);
    }
    return {};
}

std::unexpected<Error> damaged_block(std::int64_t id, std::string_view why) {
    return failure(ErrorKind::corrupt, fmt::format("block {} of pomiar.db: {}", id, why));
}
std::unexpected<Error> damaged_block(std::int64_t id, const Error& why) {
    return damaged_block(id, why.message);
}

bool finite(const Summary& s) {
    return std::isfinite(s.sum) && std::isfinite(s.min) && std::isfinite(s.max);
}

}  // namespace

Summary summarize(const Readings& readings, std::size_t first, std::size_t last) {
    const double first_value = readings.value(first).as_double();
    Summary s{readings.times[first], readings.times[last - 1],
              last - first,          first_value,
              first_value,           0,
              first_value,           readings.value(last - 1).as_double()};
    double compensation = 0;  // Neumaier's: what each addition rounded away
    for (std::size_t i = first; i < last; ++i) {
        const double v = readings.value(i).as_double();
        s.min = v < s.min ? v : s.min;
        s.max = v > s.max ? v : s.max;
        const double sum = s.sum + v;
        compensation += std::fabs(s.sum) >= std::fabs(v) ? (s.sum - sum) + v : (v - sum) + s.sum;
        s.sum = sum;
    }
    if (std::isfinite(s.sum)) s.sum += compensation;
    return s;
}

Result<BlockWriter> BlockWriter::open(Connection& connection) {
    BlockWriter writer;
    auto prepared = prepare(
        connection,
        {{&writer.before_,
          "SELECT id, end, count FROM blocks WHERE series = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1"},
         {&writer.next_, "SELECT start FROM blocks WHERE series = ?1 AND start > ?2 ORDER BY start LIMIT 1"},
         {&writer.read_, "SELECT data FROM blocks WHERE id = ?1"},
         {&writer.delete_, "DELETE FROM blocks WHERE id = ?1"},
         {&writer.set_aside_,
          "INSERT OR IGNORE INTO damaged_blocks SELECT id, series, start, end, count, data FROM blocks WHERE id = ?1"},
         {&writer.insert_,
          "INSERT INTO blocks (series, start, end, count, min, max, sum, first, last, data) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"}});
    if (!prepared) return failure(std::move(prepared));
    return writer;
}

Result<std::optional<BlockWriter::Neighbour>> BlockWriter::at_or_before(SeriesId series, Nanoseconds time) {
    auto row = before_.bind(1, std::int64_t{series}).bind(2, time).step();
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<Neighbour>{};
    const Neighbour found{before_.integer(0), before_.integer(1), static_cast<std::uint64_t>(before_.integer(2))};
    before_.reset();
    return found;
}

Result<std::optional<Nanoseconds>> BlockWriter::next_start(SeriesId series, Nanoseconds after) {
    auto row = next_.bind(1, std::int64_t{series}).bind(2, after).step();
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<Nanoseconds>{};
    const Nanoseconds start = next_.integer(0);
    next_.reset();
    return start;
}

Result<Readings> BlockWriter::take(std::int64_t id, SeriesType type) {
    auto row = read_.bind(1, id).step();
    if (!row) return failure(std::move(row));
    Readings readings;
    const bool intact = *row && decode_block(read_.blob(0), readings) && series_type(readings.kinds.front()) == type;
    read_.reset();
    if (!intact) {
        readings.clear();
        log::error("block {} of pomiar.db is damaged: set aside in damaged_blocks", id);
        if (auto kept = set_aside_.bind(1, id).run(); !kept) return failure(std::move(kept));
    }
    if (auto gone = delete_.bind(1, id).run(); !gone) return failure(std::move(gone));
    return readings;
}

Result<> BlockWriter::merge(SeriesId series, const Readings& readings) {
    for (std::size_t first = 0; first < readings.size();) {
        auto block = at_or_before(series, readings.times[first]);
        if (!block) return failure(std::move(block));
        auto next = next_start(series, readings.times[first]);
        if (!next) return failure(std::move(next));
        std::size_t last = readings.size();
        if (*next) {
            last = static_cast<std::size_t>(std::lower_bound(readings.times.begin(), readings.times.end(), **next) -
                                            readings.times.begin());
        }
        // What overlaps must be merged; what is small may as well be, or slow series would leave a trail of crumbs.
        const bool joins =
            *block && ((*block)->end >= readings.times[first] || (*block)->count < kSealedReadingsMax / 2);
        if (!joins) {
            if (auto r = write(series, readings, first, last); !r) return r;
        } else if (auto older = take((*block)->id, series_type(readings.kinds[first])); older) {
            Readings newer;
            append_rows(readings, first, last, newer);
            const Readings merged = storage::merge(*older, newer);
            if (auto r = write(series, merged, 0, merged.size()); !r) return r;
        } else {
            return failure(std::move(older));
        }
        first = last;
    }
    return {};
}

// Cuts evenly, so that no crumb is left at the end.
Result<> BlockWriter::write(SeriesId series, const Readings& readings, std::size_t first, std::size_t last) {
    const std::size_t by_count = (last - first + kSealedReadingsMax - 1) / kSealedReadingsMax;
    const std::size_t size = (last - first + by_count - 1) / by_count;
    for (std::size_t start = first; start < last;) {
        std::size_t stop = std::min(start + size, last);
        while (stop - start > 1 && text_bytes(readings, start, stop) > kSealedTextBytesMax)
            stop = start + (stop - start) / 2;
        if (auto r = insert(series, readings, start, stop); !r) return r;
        start = stop;
    }
    return {};
}

Result<> BlockWriter::insert(SeriesId series, const Readings& readings, std::size_t first, std::size_t last) {
    encoded_.clear();
    encode_block(readings, first, last, encoded_);
    Summary s = summarize(readings, first, last);
    if (!finite(s))
        s.min = s.max = s.sum = s.first = s.last = std::numeric_limits<double>::quiet_NaN();  // stored as NULL
    ++blocks_written_;
    return insert_.bind(1, std::int64_t{series})
        .bind(2, s.start)
        .bind(3, s.end)
        .bind(4, static_cast<std::int64_t>(s.count))
        .bind(5, s.min)
        .bind(6, s.max)
        .bind(7, s.sum)
        .bind(8, s.first)
        .bind(9, s.last)
        .bind_blob(10, encoded_)
        .run();
}

// The index alone leads from block to block, and each row is fetched by itself: a page that cannot be read costs the
// blocks on it, and readings are only read where they are asked for.
Result<BlockReader> BlockReader::open(Connection& connection) {
    BlockReader reader;
    auto prepared = prepare(
        connection,
        {{&reader.first_, "SELECT min(start) FROM blocks WHERE series = ?1"},
         {&reader.walk_,
          "SELECT id, start FROM blocks WHERE series = ?1 AND start >= coalesce((SELECT max(start) FROM blocks WHERE "
          "series = ?1 AND start <= ?2), ?2) AND start <= ?3 ORDER BY start"},
         {&reader.back_, "SELECT id, start FROM blocks WHERE series = ?1 ORDER BY start DESC"},
         {&reader.summary_, "SELECT end, count, min, max, sum, first, last FROM blocks WHERE id = ?1"},
         {&reader.data_, "SELECT data FROM blocks WHERE id = ?1"}});
    if (!prepared) return failure(std::move(prepared));
    return reader;
}

void BlockReader::seek(SeriesId series, TimeRange range) {
    walk_.reset();
    const Nanoseconds last = range.to == kAllTime.to || range.to == kAllTime.from ? range.to : range.to - 1;
    walk_.bind(1, std::int64_t{series}).bind(2, range.from).bind(3, last);
    at_end_ = false;
}

Result<std::optional<BlockRow>> BlockReader::next() {
    if (at_end_) return std::optional<BlockRow>{};
    auto row = walk_.step();
    at_end_ = !row || !*row;
    if (!row) return failure(std::move(row));
    if (!*row) return std::optional<BlockRow>{};
    id_ = walk_.integer(0);
    auto found = summary_.bind(1, id_).step();
    if (!found) return damaged_block(id_, found.error());
    if (!*found) return damaged_block(id_, "its row is missing");
    const BlockRow block{{walk_.integer(1), summary_.integer(0), static_cast<std::uint64_t>(summary_.integer(1)),
                          summary_.real(2), summary_.real(3), summary_.real(4), summary_.real(5), summary_.real(6)},
                         !summary_.is_null(2)};
    summary_.reset();
    return block;
}

void BlockReader::reset() {
    walk_.reset();
    at_end_ = true;
}

Result<> BlockReader::decode(Readings& readings) {
    return decode(id_, readings);
}

Result<> BlockReader::decode(std::int64_t id, Readings& readings) {
    auto found = data_.bind(1, id).step();
    if (!found) return damaged_block(id, found.error());
    if (!*found) return damaged_block(id, "its row is missing");
    auto decoded = decode_block(data_.blob(0), readings);
    data_.reset();
    if (!decoded) return damaged_block(id, decoded.error());
    return {};
}

Result<std::optional<TimeRange>> BlockReader::extent(SeriesId series) {
    auto row = first_.bind(1, std::int64_t{series}).step();
    if (!row) return failure(std::move(row));
    const bool empty = !*row || first_.is_null(0);
    const Nanoseconds start = empty ? 0 : first_.integer(0);
    first_.reset();
    if (empty) return std::optional<TimeRange>{};
    row = back_.bind(1, std::int64_t{series}).step();
    if (!row) return failure(std::move(row));
    TimeRange extent{start, back_.integer(1)};
    auto last = summary_.bind(1, back_.integer(0)).step();
    back_.reset();
    if (last && *last) extent.to = summary_.integer(0);
    summary_.reset();
    return extent;
}

Result<std::optional<Latest>> BlockReader::latest(SeriesId series) {
    back_.bind(1, std::int64_t{series});
    for (;;) {
        auto row = back_.step();
        if (!row) return failure(std::move(row));
        if (!*row) return std::optional<Latest>{};
        Readings readings;
        if (auto decoded = decode(back_.integer(0), readings); !decoded) {
            log::error("{}", decoded.error().message);  // the one before is the latest that can be told
            continue;
        }
        back_.reset();
        const Value value = readings.value(readings.size() - 1);
        return Latest{readings.times.back(), value.kind, value.bits, std::string(value.text)};
    }
}

}  // namespace pomiar::storage
