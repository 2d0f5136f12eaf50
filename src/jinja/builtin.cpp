#include "jinja/builtin.hpp"

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {
namespace {

std::size_t parameter_count(const Builtin& builtin) {
    std::size_t count = 0;
    while (count < kMostParameters && !builtin.parameters[count].empty()) ++count;
    return count;
}

void bind_named(Invocation& invocation, std::size_t parameters) {
    const Builtin& builtin = invocation.builtin;
    for (std::size_t i = 0; i < invocation.arguments.named_count; ++i) {
        const auto& [name, value] = invocation.arguments.named[i];
        std::size_t at = 0;
        while (at < parameters && builtin.parameters[at] != name.text()) ++at;
        if (at == parameters) {
            if (builtin.takes_more) continue;
            fail(fmt::format("{}() got an unexpected keyword argument '{}'", builtin.name, name.text()));
        }
        if (invocation.has(at))
            fail(fmt::format("{}() got multiple values for argument '{}'", builtin.name, name.text()));
        invocation.bound[at] = &value;
    }
}

}  // namespace

Value Invocation::value(std::size_t parameter, Value otherwise) const {
    if (has(parameter)) return *bound[parameter];
    return otherwise;
}

bool Invocation::flag(std::size_t parameter, bool otherwise) const {
    return has(parameter) ? truth(*bound[parameter]) : otherwise;
}

std::int64_t Invocation::integer(std::size_t parameter, std::int64_t otherwise) const {
    if (!has(parameter)) return otherwise;
    const Value& given = *bound[parameter];
    if (given.is_integer() || given.is_boolean()) return given.as_integer();
    require_defined(given);
    fail(fmt::format("{}(): '{}' object cannot be interpreted as an integer", builtin.name, type_name(given)));
}

std::string_view Invocation::text(std::size_t parameter, std::string_view otherwise) const {
    if (!has(parameter)) return otherwise;
    const Value& given = *bound[parameter];
    if (given.is_string()) return given.text();
    require_defined(given);
    fail(fmt::format("{}(): must be str, not {}", builtin.name, type_name(given)));
}

Value invoke(const Builtin& builtin, const Arguments& arguments, Renderer* renderer) {
    Invocation invocation{builtin, arguments, renderer};
    const std::size_t parameters = parameter_count(builtin);
    if (arguments.count > parameters && !builtin.takes_more) {
        fail(fmt::format("{}() takes at most {} arguments but {} were given", builtin.name, parameters,
                         arguments.count));
    }
    for (std::size_t i = 0; i < arguments.count && i < parameters; ++i) invocation.bound[i] = &arguments.positional[i];
    if (arguments.named_count > 0) bind_named(invocation, parameters);
    for (std::size_t i = 0; i < builtin.required; ++i) {
        if (!invocation.has(i)) {
            fail(fmt::format("{}() missing required argument '{}'", builtin.name, builtin.parameters[i]));
        }
    }
    return builtin.run(invocation);
}

}  // namespace pomiar::jinja
