#include "sql/groups.hpp"

#include <algorithm>

namespace pomiar::sql {
namespace {

// By the plan's columns only.
int compare(const Plan& plan, const Series& a, const Series& b) {
    for (const SeriesOrder& order : plan.series_order) {
        const int way = text_of(a, order.column).compare(text_of(b, order.column));
        if (way != 0) return order.descending ? -way : way;
    }
    return 0;
}

}  // namespace

std::vector<Group> arrange(const Plan& plan, const Selection& selection, const SeriesList& series, bool merge) {
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < series.size(); ++i) {
        if (selection.matches(series[i])) chosen.push_back(i);
    }
    std::ranges::sort(chosen, [&](std::uint32_t a, std::uint32_t b) {
        const int way = compare(plan, series[a], series[b]);
        return way != 0 ? way < 0 : a < b;
    });
    std::vector<Group> groups;
    for (const std::uint32_t index : chosen) {
        const bool joins = merge && !groups.empty() && compare(plan, series[groups.back().back()], series[index]) == 0;
        if (joins) {
            groups.back().push_back(index);
        } else {
            groups.push_back({index});
        }
    }
    return groups;
}

}  // namespace pomiar::sql
