// The language's own filters, tests, functions and methods: a name, parameters as in Python, and what to run.
#pragma once

#include <array>
#include <string_view>

#include "jinja/value.hpp"

namespace pomiar::jinja {

class Renderer;
struct Builtin;

inline constexpr std::size_t kMostParameters = 7;

// One call of a Builtin, its arguments already at their parameters.
struct Invocation {
    const Builtin& builtin;
    const Arguments& arguments;                         // all of them, for those that take any number
    Renderer* renderer;                                 // nothing in a method
    std::array<const Value*, kMostParameters> bound{};  // nothing where no argument was given

    const Value& operator[](std::size_t parameter) const { return *bound[parameter]; }
    bool has(std::size_t parameter) const { return bound[parameter] != nullptr; }
    // The argument, or `otherwise` if it was not given.
    Value value(std::size_t parameter, Value otherwise = {}) const;
    // The same, failing for a wrong kind.
    bool flag(std::size_t parameter, bool otherwise = false) const;
    std::int64_t integer(std::size_t parameter, std::int64_t otherwise = 0) const;
    std::string_view text(std::size_t parameter, std::string_view otherwise = {}) const;
    bool autoescape() const { return arguments.autoescape; }
};

struct Builtin {
    std::string_view name;
    Value (*run)(Invocation&);
    std::size_t required;  // of the parameters, the first ones
    std::array<std::string_view, kMostParameters> parameters;
    bool takes_more = false;  // any number of arguments past the parameters, and any by name
};

// Binds the arguments as Python does and runs it; fails for missing, unknown and surplus ones.
Value invoke(const Builtin& builtin, const Arguments& arguments, Renderer* renderer);

}  // namespace pomiar::jinja
