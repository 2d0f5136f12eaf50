// Filters that work on texts.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/percent_format.hpp"
#include "jinja/pretty_print.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"
#include "jinja/vocabulary.hpp"
#include "jinja/word_wrap.hpp"

namespace pomiar::jinja {
namespace {

// The value as a text, safe if it was a safe text.
Value soft_text(const Value& value) {
    return value.is_string() ? value : Value(to_text(value));
}
Value like(const Value& model, std::string text) {
    charge_text(text.size());
    return make_string(std::move(text), model.is_safe());
}

Value upper_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    return like(text, upper(text.text()));
}
Value lower_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    return like(text, lower(text.text()));
}
Value capitalize_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    return like(text, capitalize(text.text()));
}

Value title_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    std::string out;
    bool at_start = true;
    for (std::string_view rest = text.text(); !rest.empty();) {
        const char32_t code = take_code_point(rest);
        if (at_start) {
            append_upper(out, code);
        } else {
            append_code_point(out, to_lower(code));
        }
        at_start = is_space(code) ||
                   (code < 0x80 && std::string_view("-({[<").find(static_cast<char>(code)) != std::string_view::npos);
    }
    return make_string(std::move(out), false);
}

Value center_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    return like(text, pad(text.text(), in.integer(1, 80), " ", Side::center));
}

Value trim_filter(Invocation& in) {
    const Value text = soft_text(in[0]);
    if (!in.has(1) || in[1].is_none()) return like(text, std::string(strip_space(text.text())));
    const Value unwanted = text.is_safe() ? escaped(in[1]) : in[1];
    static_cast<void>(in.text(1));
    return like(text, std::string(strip(text.text(), unwanted.text(), true, true)));
}

Value replace_filter(Invocation& in) {
    const std::int64_t most = in.has(3) && !in[3].is_none() ? in.integer(3) : kNoLimit;
    if (!in.autoescape()) {
        return like(Value(""), replace(to_text(in[0]), to_text(in[1]), to_text(in[2]), most));
    }
    const bool escape_first = in[1].is_safe() || (in[2].is_safe() && !in[0].is_safe());
    const Value text = escape_first ? escaped(in[0]) : soft_text(in[0]);
    const auto part = [&](const Value& value) { return text.is_safe() ? escaped(soft_text(value)) : soft_text(value); };
    return like(text, replace(text.text(), part(in[1]).text(), part(in[2]).text(), most));
}

Value string_filter(Invocation& in) {
    return soft_text(in[0]);
}

Value indent_filter(Invocation& in) {
    require_defined(in[0]);
    const std::string_view text = in.text(0);
    std::string indention;
    if (in.has(1) && in[1].is_string()) {
        indention = in[0].is_safe() ? escaped(in[1]).text() : in[1].text();
    } else {
        const std::int64_t width = std::max<std::int64_t>(in.integer(1, 4), 0);
        charge_text(static_cast<std::size_t>(width));
        indention.assign(static_cast<std::size_t>(width), ' ');
    }
    const bool blank = in.flag(3);
    const std::string with_end = std::string(text) + "\n";
    std::string out = in.flag(2) ? indention : "";
    bool first = true;
    for (const std::string_view line : split_lines(with_end)) {
        if (!first) out.append("\n");
        if (!first && (blank || !line.empty())) out.append(indention);
        out.append(line);
        first = false;
        if (Budget* budget = Budget::current(); budget != nullptr && out.size() > budget->limits().string_bytes) {
            budget->text(out.size());
        }
    }
    return like(in[0], std::move(out));
}

Value truncate_filter(Invocation& in) {
    const std::int64_t length = in.integer(1, 255);
    const Value end = in.value(3, "...");
    if (!end.is_string()) fail("the end of a truncated text must be a text");
    const std::int64_t leeway = in.has(4) && !in[4].is_none() ? in.integer(4) : 5;
    const auto end_length = static_cast<std::int64_t>(count_code_points(end.text()));
    if (length < end_length) fail(fmt::format("expected length >= {}, got {}", end_length, length));
    if (leeway < 0) fail(fmt::format("expected leeway >= 0, got {}", leeway));
    const auto size = static_cast<std::int64_t>(jinja::length(in[0]));
    if (size <= length || size - length <= leeway) return in[0];
    const std::string_view text = in.text(0);
    std::string_view kept = text.substr(0, code_point_offset(text, static_cast<std::size_t>(length - end_length)));
    if (!in.flag(2)) kept = kept.substr(0, kept.rfind(' '));
    return calculate(Operator::add, make_string(std::string(kept), in[0].is_safe()), end);
}

Value word_count(Invocation& in) {
    const std::string text = to_text(in[0]);
    std::int64_t words = 0;
    bool inside = false;
    for (std::string_view rest = text; !rest.empty();) {
        const bool letter = is_word(take_code_point(rest));
        if (letter && !inside) ++words;
        inside = letter;
    }
    return words;
}

Value word_wrap(Invocation& in) {
    const std::string_view text = in.text(0);
    WrapOptions options;
    options.width = in.integer(1, 79);
    options.break_long_words = in.flag(2, true);
    options.break_on_hyphens = in.flag(4, true);
    if (options.width <= 0) fail(fmt::format("invalid width {} (must be > 0)", options.width));
    const Value separator = in.has(3) && !in[3].is_none() ? in[3] : Value("\n");
    const std::string between = to_text(separator);
    std::string out;
    bool first = true;
    for (const std::string_view line : split_lines(text)) {
        if (!first) out.append(between);
        first = false;
        bool first_part = true;
        for (const std::string& part : wrap(line, options)) {
            if (!first_part) out.append(between);
            out.append(part);
            first_part = false;
            if (const Budget* budget = Budget::current()) budget->output(out.size());
        }
    }
    charge_text(out.size());
    return make_string(std::move(out), separator.is_safe());
}

Value format_filter(Invocation& in) {
    const Value format = soft_text(in[0]);
    if (in.arguments.count > 1 && in.arguments.named_count > 0) {
        fail("can't handle positional and keyword arguments at the same time");
    }
    if (in.arguments.named_count == 0) {
        return percent_format(format, Value::tuple(in.arguments.from(1)));
    }
    Value named = Value::object();
    for (std::size_t i = 0; i < in.arguments.named_count; ++i) {
        named.dict_data().set(in.arguments.named[i].first, in.arguments.named[i].second);
    }
    return percent_format(format, named);
}

Value pprint_filter(Invocation& in) {
    return Value(pretty_print(in[0]));
}

constexpr Builtin kTextBuiltins[] = {
    {"capitalize", capitalize_filter, 1, {"s"}},
    {"center", center_filter, 1, {"value", "width"}},
    {"format", format_filter, 1, {"value"}, true},
    {"indent", indent_filter, 1, {"s", "width", "first", "blank"}},
    {"lower", lower_filter, 1, {"s"}},
    {"pprint", pprint_filter, 1, {"value"}},
    {"replace", replace_filter, 3, {"s", "old", "new", "count"}},
    {"string", string_filter, 1, {"s"}},
    {"title", title_filter, 1, {"s"}},
    {"trim", trim_filter, 1, {"value", "chars"}},
    {"truncate", truncate_filter, 1, {"s", "length", "killwords", "end", "leeway"}},
    {"upper", upper_filter, 1, {"s"}},
    {"wordcount", word_count, 1, {"s"}},
    {"wordwrap", word_wrap, 1, {"s", "width", "break_long_words", "wrapstring", "break_on_hyphens"}},
};

}  // namespace

const std::span<const Builtin> kTextFilters{kTextBuiltins};

}  // namespace pomiar::jinja
