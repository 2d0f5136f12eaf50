// A point in time as pages of one's own have it: prints as "2026-11-23 18:00:00" in the server's zone, tells its parts
// (.year .month .day .hour .minute .second .weekday .date .clock .iso .ms) and .strftime("%H:%M").
// Thread: that of the template.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "jinja/value.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

// Names of days and months are of `language`, which lasts as long as the program.
jinja::Value time_value(Nanoseconds time, const Language& language);
// Of such a value; nothing for any other.
std::optional<Nanoseconds> time_in(const jinja::Value& value);

// "2026-11-23T18:00:00.000Z", as scripts read it.
std::string iso_time(Nanoseconds time);

}  // namespace pomiar::web
