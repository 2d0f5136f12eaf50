#include "web/own_pages/page_arguments.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/range.hpp"
#include "web/own_pages/page_time.hpp"

namespace pomiar::web {

using jinja::Value;

PageArguments::PageArguments(std::string_view function, std::initializer_list<std::string_view> names,
                             const jinja::Arguments& given)
    : function_(function), names_(names), given_(given) {
    if (given.count > 0 && names_.empty()) {
        fail("takes no arguments");
    } else if (given.count > names_.size()) {
        fail(fmt::format("takes at most {} arguments: {}", names_.size(), fmt::join(names_, ", ")));
    }
    for (std::size_t i = 0; i < given.named_count; ++i) {
        const std::string_view name = given.named[i].first.text();
        const auto place = std::ranges::find(names_, name);
        if (place == names_.end()) {
            fail(names_.empty() ? fmt::format("has no argument {}; it takes none", name)
                                : fmt::format("has no argument {}; there are {}", name, fmt::join(names_, ", ")));
        } else if (static_cast<std::size_t>(place - names_.begin()) < given.count) {
            fail(fmt::format("has {} given twice", name));
        }
    }
}

const Value* PageArguments::find(std::string_view name) const {
    const auto index = static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
    const Value* value = given_.get(index, name);
    return value == nullptr || value->is_none() ? nullptr : value;
}

bool PageArguments::has(std::string_view name) const {
    return find(name) != nullptr;
}

void PageArguments::fail(std::string what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("{}() {}", function_, what)};
}

void PageArguments::expect(std::string_view name, std::string_view what) {
    fail(fmt::format("wants {} as {}", what, name));
}

std::unexpected<Error> PageArguments::failure(std::string_view what, ErrorKind kind) const {
    return pomiar::failure(kind, fmt::format("{}(): {}", function_, what));
}

std::string PageArguments::named(std::string_view name) {
    const Value* value = find(name);
    if (value != nullptr && value->is_dict()) value = value->find("name");
    if (value != nullptr && value->is_string() && value->size() > 0) return std::string(value->text());
    expect(name, "a text, or one of sensors() or its fields,");
    return {};
}

std::string PageArguments::string(std::string_view name, std::string_view otherwise) {
    const Value* value = find(name);
    if (value == nullptr) return std::string(otherwise);
    if (value->is_string()) return std::string(value->text());
    expect(name, "a text");
    return {};
}

std::int64_t PageArguments::whole(std::string_view name, std::int64_t otherwise, std::int64_t min, std::int64_t max) {
    const Value* value = find(name);
    if (value == nullptr) return otherwise;
    if (value->is_integer() && value->as_integer() >= min && value->as_integer() <= max) return value->as_integer();
    expect(name, fmt::format("a whole number from {} to {}", min, max));
    return otherwise;
}

double PageArguments::number(std::string_view name, double otherwise) {
    const Value* value = find(name);
    if (value == nullptr) return otherwise;
    if ((value->is_integer() || value->is_real()) && std::isfinite(value->as_real())) return value->as_real();
    expect(name, "a number");
    return otherwise;
}

Nanoseconds PageArguments::time(std::string_view name, Nanoseconds otherwise, Nanoseconds now) {
    const Value* value = find(name);
    if (value == nullptr) return otherwise;
    if (const auto time = time_in(*value)) return *time;
    Nanoseconds time = 0;
    if (value->is_integer() && !__builtin_mul_overflow(value->as_integer(), kMillisecond, &time)) return time;
    if (value->is_string()) {
        const auto parsed = query::parse_instant(name, value->text(), now);
        if (parsed) return *parsed;
        fail(fmt::format("does not know that time: {}", parsed.error().message));
        return otherwise;
    }
    expect(name, "a time, milliseconds since 1970, or a text such as \"2026-11-23\" or \"-24h\"");
    return otherwise;
}

}  // namespace pomiar::web
