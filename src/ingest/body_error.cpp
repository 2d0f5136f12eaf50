#include "ingest/body_error.hpp"

#include <fmt/core.h>

#include "ingest/limits.hpp"
#include "ingest/line_error.hpp"

namespace pomiar::ingest {

std::string location_in_body(bool is_list, std::uint64_t index, std::string_view member) {
    std::string location = is_list ? fmt::format("body[{}]", index) : "body";
    if (!member.empty()) location += fmt::format(".{}", member);
    return location;
}

std::string value_member(std::string_view field) {
    return fmt::format("values.{}", quotable(field, kShownBytesMax));
}

}  // namespace pomiar::ingest
