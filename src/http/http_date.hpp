// Times as HTTP's header fields have them (RFC 9110 section 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pomiar::http {

// "Mon, 23 Nov 2026 18:00:00 GMT".
std::string http_date(std::int64_t seconds_since_1970);

// The same backwards. Nothing for what is not exactly of this form; the two obsolete ones are not known.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace pomiar::http
