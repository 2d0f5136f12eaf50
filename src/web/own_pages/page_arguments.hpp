// What a page's template gave a function, as the kinds that the function takes. The first thing that is wrong is kept:
// ask for all, then look whether something was. Borrows the jinja::Arguments.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "jinja/value.hpp"

namespace pomiar::web {

class PageArguments {
  public:
    // `names`: of the parameters, in their order.
    PageArguments(std::string_view function, std::initializer_list<std::string_view> names,
                  const jinja::Arguments& given);

    bool has(std::string_view name) const;  // given, and not none
    // A text, or a dict's `name`: one of sensors(), or of its fields. "" only where it is wrong.
    std::string named(std::string_view name);
    std::string string(std::string_view name, std::string_view otherwise);
    std::int64_t whole(std::string_view name, std::int64_t otherwise, std::int64_t min, std::int64_t max);
    double number(std::string_view name, double otherwise);  // finite
    // One of the page's times, whole milliseconds since 1970, or a text as the API takes it: "2026-11-23", "-24h".
    Nanoseconds time(std::string_view name, Nanoseconds otherwise, Nanoseconds now);

    bool wrong() const { return error_.has_value(); }
    std::unexpected<Error> failure() const { return std::unexpected(*error_); }
    // An error of the function's own, as those of its arguments are.
    std::unexpected<Error> failure(std::string_view what, ErrorKind kind = ErrorKind::invalid) const;

  private:
    const jinja::Value* find(std::string_view name) const;
    void expect(std::string_view name, std::string_view what);
    void fail(std::string what);

    std::string_view function_;
    std::vector<std::string_view> names_;
    const jinja::Arguments& given_;
    std::optional<Error> error_;
};

}  // namespace pomiar::web
