// What is wrong with a part of a body, in the form of the member `errors` of a problem document (RFC 9457).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pomiar::ingest {

struct BodyError {
    std::string loc;   // "body[3].values.temperature"
    std::string msg;   // "expected a number, true, false or a text, found null"
    std::string type;  // missing, wrong_type, unknown_member, duplicate, wrong_value, too_large

    bool operator==(const BodyError&) const = default;
};

struct BodyReport {
    std::uint64_t elements = 0;     // all of them
    std::uint64_t refused = 0;      // elements with an error, of which nothing was taken
    std::uint64_t readings = 0;     // accepted
    std::vector<BodyError> errors;  // the first kErrorsKept of them
};

}  // namespace pomiar::ingest
