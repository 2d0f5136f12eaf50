// How an error travels inside the room: thrown where it is found, given its place by the nearest part that knows it,
// and turned into an Error at the public face. Nothing outside the room ever sees it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace pomiar::jinja {

struct Failure {
    ErrorKind kind = ErrorKind::invalid;
    std::string message;
    std::string name = {};  // of the template
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool template_missing = false;  // what `include ... ignore missing` forgives
};

[[noreturn]] inline void fail(std::string message, ErrorKind kind = ErrorKind::invalid) {
    throw Failure{.kind = kind, .message = std::move(message)};
}

}  // namespace pomiar::jinja
