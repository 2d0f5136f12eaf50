// What the templates are given of the store, as docs/pages.md says: cards of sensors, charts of one.
// Thread: the store's reader thread, inside a job; the values stay there.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "jinja/value.hpp"
#include "storage/snapshot.hpp"
#include "web/spark_cache.hpp"

namespace pomiar::web {

inline constexpr std::size_t kCardsMax = 1'000;  // of the overview; further sensors have only their own pages

// All sensors whose text begins with `only`, by title.
Result<jinja::Value> sensor_cards(storage::Snapshot& snapshot, SparkCache& sparks, std::string_view only,
                                  Nanoseconds now);
// One of them, without spark lines. Errors: not_found.
Result<jinja::Value> sensor_card(storage::Snapshot& snapshot, const std::string& sensor, Nanoseconds now);

// `range` is one of the names of chart_ranges(); any other is taken for the usual one.
Result<jinja::Value> sensor_charts(storage::Snapshot& snapshot, const std::string& sensor, std::string_view range,
                                   Nanoseconds now);
jinja::Value chart_ranges(std::string_view current);

// "/sensors/climate%2Croom%3Dhall"
std::string sensor_address(std::string_view sensor);

}  // namespace pomiar::web
