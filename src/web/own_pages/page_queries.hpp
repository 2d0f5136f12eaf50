// The figures that pages of one's own ask for: a series in equal parts of a range, or by the calendar's hours, days,
// weeks and months.
// Thread: the store's reader thread, inside a job.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jinja/value.hpp"
#include "query/function.hpp"
#include "storage/snapshot.hpp"
#include "web/own_pages/local_time.hpp"

namespace pomiar::web {

inline constexpr std::size_t kCalendarSpansMax = 400;

// A number, a boolean, or a text; an unsigned integer past int64 as a float, a NaN as none.
jinja::Value value_for_page(const storage::Value& value);

// What `fn` asks for: functions of docs/query.md, or `increase` alone.
struct Figures {
    std::vector<query::Function> functions = {};
    bool increase = false;
    const Language* language = &english();  // that times are told in
};
// Errors: invalid, names the words.
Result<Figures> parse_figures(std::string_view text, const Language& language);

// Where the units begin that cover the range, and the end of the last. Errors: too_large.
Result<std::vector<Nanoseconds>> calendar_bounds(CalendarUnit unit, storage::TimeRange range);
// The same for `count` equal parts.
std::vector<Nanoseconds> equal_bounds(storage::TimeRange range, std::size_t count);

// A list of {time, value}; with several functions also one entry for each by its name. Parts without readings are left
// out. Errors: those of query::aggregate.
Result<jinja::Value> figures_in_parts(storage::Snapshot& snapshot, const storage::SeriesInfo& series,
                                      const Figures& figures, storage::TimeRange range, std::uint32_t points);
// The same for each span between two bounds; those without readings have none as their value. `go_on` is asked before
// each. Errors: the same, and that of go_on.
Result<jinja::Value> figures_between(storage::Snapshot& snapshot, const storage::SeriesInfo& series,
                                     const Figures& figures, const std::vector<Nanoseconds>& bounds,
                                     const std::function<Result<>()>& go_on);

}  // namespace pomiar::web
