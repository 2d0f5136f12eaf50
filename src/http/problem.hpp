// Errors towards the outside: RFC 9457 problem documents.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pomiar::http {

struct Problem {
    struct Fault {             // one place in the body or query that is wrong
        std::string location;  // "body.values.temperature", "query.from", "body.3.time"
        std::string message;
        std::string type;  // a short name that programs may act on: "missing", "number_expected"
    };

    int status = 500;
    std::string detail;  // one sentence for whoever must act
    std::vector<Fault> errors = {};
    std::string type = "about:blank";
    std::string title = {};  // "" stands for the status's own phrase
    int retry_after = 0;     // seconds; 0: no Retry-After header
};

// {"type":…,"title":…,"status":…,"detail":…,"errors":[{"loc":…,"msg":…,"type":…}]}; invalid UTF-8 is replaced.
std::string to_json(const Problem& problem);

// invalid 400, not_found 404, conflict 422, too_large 413, busy 503, full 503, denied 403, unavailable 503, else 500.
int status_of(ErrorKind kind);
// With that status; busy, full and unavailable ask to come again in 5 s. io and corrupt do not tell the message.
Problem problem_of(const Error& error);

std::string_view reason_phrase(int status);

}  // namespace pomiar::http
