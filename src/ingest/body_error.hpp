// What is wrong with a part of a body, in the form of the member `errors` of a problem document (RFC 9457).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::ingest {

struct BodyError {
    std::string loc;   // "body[3].values.temperature"
    std::string msg;   // "expected a number, true, false or a text, found null"
    std::string type;  // missing, wrong_type, unknown_member, duplicate, wrong_value, too_large

    bool operator==(const BodyError&) const = default;
};

struct BodyReport {
    bool is_list = false;           // the body is an array of elements
    std::uint64_t elements = 0;     // all of them
    std::uint64_t refused = 0;      // elements with an error, of which nothing was taken
    std::uint64_t readings = 0;     // accepted
    std::vector<BodyError> errors;  // the first kErrorsKept of them
};

// Where a member of an element is: "body.time", "body[3].time"; "body[3]" where `member` is "". `index` is from 0.
std::string location_in_body(bool is_list, std::uint64_t index, std::string_view member);
// The member that a field's value is: "values.temperature", as far as it can be shown.
std::string value_member(std::string_view field);

}  // namespace pomiar::ingest
