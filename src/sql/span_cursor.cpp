#include "sql/span_cursor.hpp"

#include <algorithm>

#include "sql/columns.hpp"
#include "sql/created_at.hpp"

namespace pomiar::sql {
namespace {

constexpr std::uint32_t kFirstPageSpans = 100;
constexpr std::uint32_t kPageGrowth = 4;

}  // namespace

Result<> SpanCursor::filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series, bool) {
    auto selection = select(plan, values);
    if (!selection) return failure(std::move(selection));
    series_ = std::move(series);
    range_ = selection->range;
    groups_.clear();
    group_ = 0;
    if (!selection->nothing) groups_ = arrange(plan, *selection, *series_, false);
    return start_series();
}

Result<> SpanCursor::start_series() {
    for (; !at_end(); ++group_) {
        page_ = {};
        if (series().info.type == storage::SeriesType::text) continue;
        limit_ = kFirstPageSpans;
        if (auto fetched = fetch(range_.from); !fetched) return fetched;
        if (!page_.spans.empty()) return {};
    }
    return {};
}

Result<> SpanCursor::fetch(Nanoseconds from) {
    auto page = source_.spans(series().info.id, {.starts = {from, range_.to}, .length = length_, .limit = limit_});
    if (!page) return failure(std::move(page));
    page_ = std::move(*page);
    note(page_.damage);
    row_ = 0;
    limit_ = std::min(limit_ * kPageGrowth, query::kSpansMax);
    return {};
}

Result<> SpanCursor::next() {
    if (++row_ < page_.spans.size()) return {};
    if (page_.next) {
        if (auto fetched = fetch(*page_.next); !fetched) return fetched;
        if (!page_.spans.empty()) return {};
    }
    ++group_;
    return start_series();
}

Result<> SpanCursor::give(int index, sqlite3_context* to) {
    const query::Span& span = page_.spans[row_];
    const auto column = static_cast<SpanColumn>(index);
    switch (column) {
        case SpanColumn::created_at:
            give_text(to, format_created_at(span.start));
            break;
        case SpanColumn::seconds:
            sqlite3_result_int64(to, span.length / kSecond);
            break;
        case SpanColumn::time:
            sqlite3_result_int64(to, span.start);
            break;
        case SpanColumn::count:
            sqlite3_result_int64(to, static_cast<sqlite3_int64>(span.count));
            break;
        case SpanColumn::min:
            sqlite3_result_double(to, span.min);
            break;
        case SpanColumn::max:
            sqlite3_result_double(to, span.max);
            break;
        case SpanColumn::sum:
            sqlite3_result_double(to, span.sum);
            break;
        case SpanColumn::first:
            sqlite3_result_double(to, span.first);
            break;
        case SpanColumn::last:
            sqlite3_result_double(to, span.last);
            break;
        default:
            give_text(to, text_of(series(), static_cast<Column>(index)));
    }
    return {};
}

}  // namespace pomiar::sql
