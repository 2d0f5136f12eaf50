// Times as requests spell them.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/readings.hpp"

namespace pomiar::query {

// RFC 3339 ("2026-11-23T18:00:00Z", "2026-11-23"), whole milliseconds since 1970, "now", or a length of time from now:
// "-24h", "now-90d", "now+1h". Errors: invalid, begins with the parameter's name.
Result<Nanoseconds> parse_instant(std::string_view parameter, std::string_view text, Nanoseconds now);

// What `from` and `to` ask for; one that is empty takes its end of `otherwise`. Errors: invalid, also when from >= to.
Result<storage::TimeRange> parse_range(std::string_view from, std::string_view to, Nanoseconds now,
                                       storage::TimeRange otherwise);

}  // namespace pomiar::query
