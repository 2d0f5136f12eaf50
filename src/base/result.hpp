// Errors as values. Wrong input and a sick machine come back as an Error; a mistake of our own stops the program
// (bug.hpp).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace pomiar {

enum class ErrorKind {
    invalid,      // the input is wrong; the message says what and where
    not_found,    //
    conflict,     // right in itself, but not with what is already there
    too_large,    // past a limit; the message names it
    busy,         // try again later
    full,         // no room on the device, or the budget is used up
    io,           // the device or the network failed
    corrupt,      // bytes at rest are not what was written
    denied,       // not allowed
    unavailable,  // the part asked is stopped or failing
};

struct Error {
    ErrorKind kind;
    std::string message;  // for the one who must act: what, where, what now; no trailing full stop or newline

    bool operator==(const Error&) const = default;
};

// A value or an Error; never to be dropped.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> failure(ErrorKind kind, std::string message) {
    return std::unexpected<Error>(Error{kind, std::move(message)});
}

// Hands an error of one Result on as that of another.
template <class T>
std::unexpected<Error> failure(Result<T>&& failed) {
    return std::unexpected<Error>(std::move(failed.error()));
}

}  // namespace pomiar
