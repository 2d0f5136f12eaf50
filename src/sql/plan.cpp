#include "sql/plan.hpp"

#include <algorithm>
#include <set>

#include "base/bug.hpp"

namespace pomiar::sql {
namespace {

// Guesses for comparing plans of a join; only their order matters.
constexpr double kRows = 10'000'000;
constexpr double kCostOfWalk = 1'000;

std::optional<Operator> operator_of(unsigned char op) {
    switch (op) {
        case SQLITE_INDEX_CONSTRAINT_EQ:
        case SQLITE_INDEX_CONSTRAINT_IS:
            return Operator::equal;
        case SQLITE_INDEX_CONSTRAINT_LT:
            return Operator::less;
        case SQLITE_INDEX_CONSTRAINT_LE:
            return Operator::at_most;
        case SQLITE_INDEX_CONSTRAINT_GT:
            return Operator::greater;
        case SQLITE_INDEX_CONSTRAINT_GE:
            return Operator::at_least;
        case SQLITE_INDEX_CONSTRAINT_GLOB:
            return Operator::glob;
        case SQLITE_INDEX_CONSTRAINT_LIKE:
            return Operator::like;
        default:
            return std::nullopt;
    }
}

bool is_pattern(Operator compare) {
    return compare == Operator::glob || compare == Operator::like;
}

// Whether the table compares as SQLite would: by the column's own collation.
bool is_comparable(sqlite3_index_info& info, int term, Constraint constraint) {
    if (constraint.column == Column::time) return !is_pattern(constraint.compare);
    const std::string_view collation = sqlite3_vtab_collation(&info, term);
    if (constraint.column == Column::created_at) return !is_pattern(constraint.compare) && collation == kTimeCollation;
    return is_of_series(constraint.column) && (is_pattern(constraint.compare) || collation == "BINARY");
}

// How many of the rows are left, roughly.
double share(Constraint constraint) {
    if (is_time(constraint.column)) return constraint.compare == Operator::equal ? 1e-5 : 0.1;
    if (constraint.compare != Operator::equal) return 0.3;
    return constraint.column == Column::field ? 0.1 : 0.02;
}

// Takes all constraints that it can; gives how many rows are left.
double take_constraints(sqlite3_index_info& info, Plan& plan) {
    double rows = kRows;
    for (int i = 0; i < info.nConstraint; ++i) {
        const auto& term = info.aConstraint[i];
        const auto compare = operator_of(term.op);
        if (term.usable == 0 || term.iColumn < 0 || !compare) continue;
        const Constraint constraint{static_cast<Column>(term.iColumn), *compare};
        if (!is_comparable(info, i, constraint)) continue;
        plan.constraints.push_back(constraint);
        info.aConstraintUsage[i].argvIndex = static_cast<int>(plan.constraints.size());
        // LIKE may have been told to mind case, or be a function of somebody else: SQLite looks again.
        info.aConstraintUsage[i].omit = is_pattern(*compare) ? 0 : 1;
        rows *= share(constraint);
    }
    return std::max(rows, 1.0);
}

struct OrderTerm {
    Column column;
    bool descending;
};

// The terms that matter: what is held equal by a constraint is in any order.
std::optional<std::vector<OrderTerm>> order_terms(const sqlite3_index_info& info, const std::set<Column>& fixed) {
    std::vector<OrderTerm> terms;
    for (int i = 0; i < info.nOrderBy; ++i) {
        if (info.aOrderBy[i].iColumn < 0) return std::nullopt;
        Column column = static_cast<Column>(info.aOrderBy[i].iColumn);
        if (column == Column::created_at) column = Column::time;  // the same order
        if (!is_of_series(column) && column != Column::time) return std::nullopt;
        if (!fixed.contains(column)) terms.push_back({column, info.aOrderBy[i].desc != 0});
    }
    return terms;
}

std::set<Column> fixed_columns(const Plan& plan) {
    std::set<Column> fixed;
    for (const Constraint& constraint : plan.constraints) {
        if (constraint.compare == Operator::equal)
            fixed.insert(is_time(constraint.column) ? Column::time : constraint.column);
    }
    return fixed;
}

// Whether rows can come in the order asked for; if so, it is the plan's.
bool take_order(sqlite3_index_info& info, Ordering ordering, Plan& plan) {
    enum { kExact = 0, kGrouped = 1, kDistinct = 2, kDistinctInOrder = 3 };  // as SQLite numbers them
    const int wanted = sqlite3_vtab_distinct(&info);
    std::set<Column> fixed = fixed_columns(plan);
    auto terms = order_terms(info, fixed);
    if (!terms) return false;
    if (wanted == kGrouped || wanted == kDistinct)
        std::ranges::stable_partition(*terms, [](const OrderTerm& term) { return is_of_series(term.column); });
    for (const OrderTerm& term : *terms) {
        const bool one_series = fixed.contains(Column::sensor) && fixed.contains(Column::field);
        if (plan.time_order) {
            if (one_series) break;  // it has one reading a time: the rest decides nothing
            return false;
        }
        if (is_of_series(term.column)) {
            plan.series_order.push_back({term.column, term.descending});
            fixed.insert(term.column);
        } else {
            if (ordering == Ordering::series && (!one_series || term.descending)) return false;
            plan.time_order = term.descending ? query::Order::newest_first : query::Order::oldest_first;
        }
    }
    plan.one_row_a_series = ordering == Ordering::any && wanted >= kDistinct && info.nOrderBy > 0 && !plan.time_order &&
                            !fixed.contains(Column::time);
    return true;
}

}  // namespace

int choose_plan(sqlite3_index_info& info, Ordering ordering) {
    Plan plan;
    const double rows = take_constraints(info, plan);
    Plan ordered = plan;
    if (info.nOrderBy > 0 && take_order(info, ordering, ordered)) {
        plan = std::move(ordered);
        info.orderByConsumed = 1;
    }
    info.estimatedRows = static_cast<sqlite3_int64>(rows);
    info.estimatedCost = kCostOfWalk + rows;
    info.idxStr = sqlite3_mprintf("%s", encode(plan).c_str());
    info.needToFreeIdxStr = 1;
    return info.idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

// Letter and operator of each constraint, "/", letter and direction of each term of the order; "!" for one row a
// series.
std::string encode(const Plan& plan) {
    const auto letter = [](Column column) { return static_cast<char>('a' + static_cast<char>(column)); };
    std::string text;
    for (const Constraint& constraint : plan.constraints) {
        text += letter(constraint.column);
        text += static_cast<char>(constraint.compare);
    }
    text += '/';
    for (const SeriesOrder& order : plan.series_order) {
        text += letter(order.column);
        text += order.descending ? '-' : '+';
    }
    if (plan.time_order) {
        text += letter(Column::time);
        text += plan.time_order == query::Order::newest_first ? '-' : '+';
    }
    if (plan.one_row_a_series) text += '!';
    return text;
}

Plan decode_plan(std::string_view text) {
    Plan plan;
    const std::size_t slash = text.find('/');
    require(slash != std::string_view::npos && slash % 2 == 0, "a plan without its end");
    const auto column_at = [&](std::size_t at) { return static_cast<Column>(text[at] - 'a'); };
    for (std::size_t at = 0; at < slash; at += 2)
        plan.constraints.push_back({column_at(at), static_cast<Operator>(text[at + 1])});
    for (std::size_t at = slash + 1; at + 1 < text.size(); at += 2) {
        const bool descending = text[at + 1] == '-';
        if (column_at(at) == Column::time) {
            plan.time_order = descending ? query::Order::newest_first : query::Order::oldest_first;
        } else {
            plan.series_order.push_back({column_at(at), descending});
        }
    }
    plan.one_row_a_series = text.ends_with('!');
    return plan;
}

}  // namespace pomiar::sql
