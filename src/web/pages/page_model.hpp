// What the templates are given of the store, as docs/pages.md says: cards of sensors, charts of one.
// Thread: the store's reader thread, inside a job; the values stay there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "jinja/value.hpp"
#include "storage/snapshot.hpp"
#include "web/pages/spark_cache.hpp"
#include "web/words/view.hpp"

namespace pomiar::web {

inline constexpr std::size_t kCardsMax = 1'000;  // of the overview; further sensors have only their own pages

inline constexpr Nanoseconds kStaleAfter = 2 * kHour;  // without a reading a sensor counts as silent

enum class Order : std::uint8_t { group, name, age };

// All sensors whose text begins with `only`, but for hidden ones.
Result<jinja::Value> sensor_cards(storage::Snapshot& snapshot, SparkCache& sparks, std::string_view only, Order order,
                                  const View& view);
// Whether anything but the server itself has reported, of sensors whose text begins with `only`.
bool has_sensors(storage::Snapshot& snapshot, std::string_view only = "");
// {name, href, title} of those that the owner hides.
jinja::Value hidden_sensors(storage::Snapshot& snapshot, std::string_view only, const View& view);
// One of them, without spark lines. Errors: not_found.
Result<jinja::Value> sensor_card(storage::Snapshot& snapshot, const std::string& sensor, const View& view);

// `range` is one of the names of chart_ranges(); any other is taken for the usual one.
Result<jinja::Value> sensor_charts(storage::Snapshot& snapshot, const std::string& sensor, std::string_view range,
                                   const View& view);
// From its oldest to its newest reading: see span_value().
Result<jinja::Value> sensor_extent(storage::Snapshot& snapshot, const std::string& sensor, Nanoseconds now);
jinja::Value chart_ranges(std::string_view current);

// "/sensors/climate%2Croom%3Dhall"
std::string sensor_address(std::string_view sensor);

}  // namespace pomiar::web
