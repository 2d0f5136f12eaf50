// The functions of translated texts: _, gettext, ngettext, pgettext, npgettext, in Jinja2's new style: keyword
// arguments are formatted into the text, escaped where autoescape is on; the text itself counts as HTML there.
#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/environment.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/percent_format.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

constexpr char kAfterContext = '\4';

// The text for `id`; with a context it is looked up under both, and without a translation loses the context again.
std::string translated(const Translations& translations, std::string_view context, std::string_view id) {
    if (!translations.gettext) return std::string(id);
    if (context.empty()) return translations.gettext(id);
    const std::string key = fmt::format("{}{}{}", context, kAfterContext, id);
    std::string text = translations.gettext(key);
    return text == key ? std::string(id) : text;
}

std::string translated(const Translations& translations, std::string_view context, std::string_view one,
                       std::string_view many, std::optional<std::int64_t> n) {
    if (!translations.ngettext || !n) return std::string(n == 1 ? one : many);
    if (context.empty()) return translations.ngettext(one, many, *n);
    const std::string key = fmt::format("{}{}{}", context, kAfterContext, one);
    std::string text = translations.ngettext(key, many, *n);
    return text == key ? std::string(one) : text;
}

// What chooses the plural; nothing for what is no number. A fraction is never one thing, whatever it is near to.
std::optional<std::int64_t> count_of(const Value& number) {
    if (number.is_integer() || number.is_boolean()) return number.as_integer();
    if (!number.is_real()) return std::nullopt;
    const double real = number.as_real();
    if (!(std::abs(real) < 9e18)) return INT64_MAX;
    const auto whole = static_cast<std::int64_t>(real);
    return static_cast<double>(whole) == real ? whole : std::max<std::int64_t>(whole, 2);
}

bool names_placeholder(std::string_view text) {
    for (std::size_t at = text.find('%'); at != text.npos && at + 1 < text.size(); at = text.find('%', at + 2)) {
        if (text[at + 1] == '(') return true;
    }
    return false;
}

Value formatted(const Invocation& in, std::string text, DictData variables) {
    charge_text(text.size());
    // Without any variable the placeholders are left to the filter `format`.
    const bool left_alone = in.arguments.named_count == 0 && variables.entries.empty() && names_placeholder(text);
    Value format = make_string(std::move(text), in.autoescape());
    if (left_alone) return format;
    Value given = Value::object();
    given.dict_data() = std::move(variables);
    for (std::size_t i = 0; i < in.arguments.named_count; ++i) {
        given.dict_data().set(in.arguments.named[i].first, in.arguments.named[i].second);
    }
    return percent_format(format, given);
}

void expect_count(const Invocation& in, std::size_t count) {
    if (in.arguments.count != count) {
        fail(fmt::format("{}() takes {} arguments, not {}", in.builtin.name, count, in.arguments.count));
    }
}

Value translate(Invocation& in) {
    expect_count(in, 1);
    // Where autoescape is on, any value is made a text first, as by Markup.
    const std::string id = in.autoescape() ? to_text(in[0]) : std::string(in.text(0));
    return formatted(in, translated(in.renderer->translations(), {}, id), {});
}

Value translate_counted(Invocation& in) {
    expect_count(in, 3);
    DictData variables;
    variables.set(Value("num"), in[2]);
    return formatted(in, translated(in.renderer->translations(), {}, in.text(0), in.text(1), count_of(in[2])),
                     std::move(variables));
}

Value translate_in_context(Invocation& in) {
    expect_count(in, 2);
    DictData variables;
    variables.set(Value("context"), in[0]);
    return formatted(in, translated(in.renderer->translations(), in.text(0), in.text(1)), std::move(variables));
}

Value translate_counted_in_context(Invocation& in) {
    expect_count(in, 4);
    DictData variables;
    variables.set(Value("context"), in[0]);
    variables.set(Value("num"), in[3]);
    return formatted(in, translated(in.renderer->translations(), in.text(0), in.text(1), in.text(2), count_of(in[3])),
                     std::move(variables));
}

// The parameters have no names that a keyword could have: all keywords are the text's.
constexpr Builtin kTranslatingBuiltins[] = {
    {"_", translate, 1, {"a text"}, true},
    {"gettext", translate, 1, {"a text"}, true},
    {"ngettext", translate_counted, 3, {"a text", "the plural", "a number"}, true},
    {"pgettext", translate_in_context, 2, {"a context", "a text"}, true},
    {"npgettext", translate_counted_in_context, 4, {"a context", "a text", "the plural", "a number"}, true},
};

}  // namespace

const std::span<const Builtin> kTranslators{kTranslatingBuiltins};

}  // namespace pomiar::jinja
