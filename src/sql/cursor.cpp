#include "sql/cursor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "sql/created_at.hpp"

namespace pomiar::sql {
namespace {

using storage::ValueKind;

// The first page is small: many statements want a few rows only.
constexpr std::uint32_t kFirstPageRows = 200;
constexpr std::uint32_t kPageRowsMax = 20'000;
constexpr std::uint32_t kPageGrowth = 4;

constexpr std::size_t kReadingKeyBytes = 12;
constexpr std::size_t kRangeKeyBytes = 20;

std::string_view type_name(ValueKind kind) {
    switch (kind) {
        case ValueKind::float64:
            return "float";
        case ValueKind::int64:
            return "int";
        case ValueKind::uint64:
            return "uint";
        case ValueKind::boolean:
            return "bool";
        case ValueKind::text:
            break;
    }
    return "text";
}

}  // namespace

std::string encode(const Key& key) {
    std::string bytes;
    ByteWriter writer(bytes);
    writer.fixed(key.series);
    writer.fixed(static_cast<std::uint64_t>(key.range.from));
    const bool is_reading = key.range.to != storage::kAllTime.to && key.range.to - 1 == key.range.from;
    if (!is_reading) writer.fixed(static_cast<std::uint64_t>(key.range.to));
    return bytes;
}

std::optional<Key> decode_key(std::string_view bytes) {
    if (bytes.size() != kReadingKeyBytes && bytes.size() != kRangeKeyBytes) return std::nullopt;
    ByteReader reader(bytes);
    Key key{reader.fixed<std::uint32_t>(), {}};
    key.range.from = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    key.range.to = reader.at_end() ? key.range.from + 1 : static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    return key;
}

Result<> Cursor::filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series,
                        bool by_range) {
    auto selection = select(plan, values);
    if (!selection) return failure(std::move(selection));
    series_ = std::move(series);
    range_ = selection->range;
    order_ = plan.time_order.value_or(query::Order::oldest_first);
    by_range_ = by_range;
    by_series_ = by_range || plan.one_row_a_series;
    groups_.clear();
    group_ = 0;
    const bool merge = plan.time_order.has_value() && !by_series_;
    if (!selection->nothing) groups_ = arrange(plan, *selection, *series_, merge);
    return start_group();
}

Result<> Cursor::start_group() {
    for (; !at_end(); ++group_) {
        page_ = {};
        row_ = 0;
        if (by_range_) return {};
        limit_ = by_series_ ? 1 : kFirstPageRows;
        if (auto fetched = fetch(); !fetched) return fetched;
        if (!page_.readings.empty()) return {};
    }
    return {};
}

Result<> Cursor::fetch() {
    std::vector<storage::SeriesId> ids;
    ids.reserve(groups_[group_].size());
    for (const std::uint32_t index : groups_[group_]) ids.push_back((*series_)[index].info.id);
    auto page = source_.rows(ids, {.range = range_, .limit = limit_, .after = page_.next, .order = order_});
    if (!page) return failure(std::move(page));
    page_ = std::move(*page);
    note(page_.damage);
    row_ = 0;
    limit_ = std::min(std::max(limit_, kFirstPageRows) * kPageGrowth, kPageRowsMax);
    return {};
}

Result<> Cursor::next() {
    if (by_series_) {
        ++group_;
        return start_group();
    }
    if (++row_ < page_.readings.size()) return {};
    if (page_.next) {
        if (auto fetched = fetch(); !fetched) return fetched;
        if (!page_.readings.empty()) return {};
    }
    ++group_;
    return start_group();
}

Result<> Cursor::go_by_readings() {
    by_series_ = false;
    if (!by_range_) return {};
    by_range_ = false;
    limit_ = kFirstPageRows;
    return fetch();
}

Result<> Cursor::give(int index, sqlite3_context* to) {
    const auto column = static_cast<Column>(index);
    if (is_of_series(column)) {
        give_text(to, text_of(series(), column));
        return {};
    }
    const bool is_void = !by_series_ && page_.readings.empty();  // the series turned out to have no readings: NULL
    if (is_void) return {};
    if (column == Column::key) {
        const Key key{series().info.id, by_range_ ? range_ : storage::TimeRange{time(), time() + 1}};
        const std::string bytes = encode(key);
        sqlite3_result_blob64(to, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
        return {};
    }
    if (by_series_) {
        if (auto r = go_by_readings(); !r) return r;
    }
    if (page_.readings.empty()) return {};
    switch (column) {
        case Column::created_at:
            give_text(to, format_created_at(time()));
            break;
        case Column::time:
            sqlite3_result_int64(to, time());
            break;
        case Column::type:
            give_text(to, type_name(page_.readings.kinds[row_]));
            break;
        case Column::exact:
            give_exact(to);
            break;
        default:
            give_value(to);
    }
    return {};
}

void Cursor::give_value(sqlite3_context* to) const {
    const storage::Value value = page_.readings.value(row_);
    switch (value.kind) {
        case ValueKind::float64:
            return sqlite3_result_double(to, value.as_double());
        case ValueKind::text:
            return give_text(to, value.text);
        case ValueKind::uint64:
            if (value.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return sqlite3_result_double(to, value.as_double());
            break;
        default:
            break;
    }
    sqlite3_result_int64(to, static_cast<std::int64_t>(value.bits));
}

void Cursor::give_exact(sqlite3_context* to) const {
    const storage::Value value = page_.readings.value(row_);
    std::string text;
    switch (value.kind) {
        case ValueKind::float64:
            append_double(text, value.as_double());
            break;
        case ValueKind::int64:
            text = fmt::format_int(static_cast<std::int64_t>(value.bits)).str();
            break;
        case ValueKind::uint64:
            text = fmt::format_int(value.bits).str();
            break;
        case ValueKind::boolean:
            text = value.bits != 0 ? "true" : "false";
            break;
        case ValueKind::text:
            return give_text(to, value.text);
    }
    give_text(to, text);
}

}  // namespace pomiar::sql
