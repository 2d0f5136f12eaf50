// In which order the series of a walk come.
#pragma once

#include <cstdint>
#include <vector>

#include "sql/plan.hpp"
#include "sql/selection.hpp"

namespace pomiar::sql {

using SeriesList = std::vector<Series>;    // in order of id
using Group = std::vector<std::uint32_t>;  // of series, by index, in order of id

// The selected series in the order of the plan. Those that are equal in it are one group if `merge`, else each is one.
std::vector<Group> arrange(const Plan& plan, const Selection& selection, const SeriesList& series, bool merge);

}  // namespace pomiar::sql
