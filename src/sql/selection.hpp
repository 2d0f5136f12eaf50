// Which readings the constraints of a plan leave: some of the series, and one range of time.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "sql/plan.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::sql {

// A series and the texts that its rows have in common.
struct Series {
    storage::SeriesInfo info;
    std::string measurement;
    std::string tags;  // a JSON object, keys in order
};

Series describe(storage::SeriesInfo info);

// The text of a column that is of a series.
std::string_view text_of(const Series& series, Column column);

struct Selection {
    bool nothing = false;  // a constraint that nothing can meet
    storage::TimeRange range = storage::kAllTime;
    // On columns of series.
    struct Condition {
        Column column;
        Operator compare;
        std::string text;
    };
    std::vector<Condition> conditions;

    bool matches(const Series& series) const;
};

// values: one for each of the plan's constraints. Errors: invalid, where created_at is compared with what is no time.
Result<Selection> select(const Plan& plan, sqlite3_value** values);

}  // namespace pomiar::sql
