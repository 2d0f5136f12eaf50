// The form on a sensor's page by which its owner names it and its fields. Pure functions but for the snapshot.
// Thread: label_form() the store's reader thread; label_from_form() any.
#pragma once

#include <string>

#include "base/result.hpp"
#include "http/request.hpp"
#include "jinja/value.hpp"
#include "storage/snapshot.hpp"
#include "web/words/labels.hpp"
#include "web/words/view.hpp"

namespace pomiar::web {

// {title, group, icon, icons, place, hidden, fields: [{name, title, unit, decimals, hidden}]}, as in force now.
jinja::Value label_form(storage::Snapshot& snapshot, const std::string& sensor, const View& view);

// Pairs of the form that parse_form() must take: five of each field.
inline constexpr std::size_t kLabelFormPairsMax = 5'000;

// What was typed where it differs from the guess. Of each field i: `name-i`, `title-i`, `unit-i`, `decimals-i`,
// `hidden-i`. Errors: invalid.
Result<SensorLabel> label_from_form(const http::Pairs& form, std::string_view sensor, const Language& language);

}  // namespace pomiar::web
