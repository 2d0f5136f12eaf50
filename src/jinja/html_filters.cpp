// Filters for HTML, URLs and JSON.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/json_text.hpp"
#include "jinja/links.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/sorting.hpp"
#include "jinja/strip_tags.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

Value escape_filter(Invocation& in) {
    return escaped(in[0]);
}
Value force_escape(Invocation& in) {
    return escaped(Value(to_text(in[0])));
}
Value safe_filter(Invocation& in) {
    return Value::safe(to_text(in[0]));
}
Value strip_tags_filter(Invocation& in) {
    return Value(strip_tags(to_text(in[0])));
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
    out.append(" ").append(name).append("=\"");
    append_escaped(out, value);
    out.append("\"");
}

std::string quoted(const Value& value, bool for_query) {
    const std::string out = percent_encode(to_text(value));
    return for_query ? replace(out, "%20", "+") : replace(out, "%2F", "/");
}

Value urlencode(Invocation& in) {
    if (in[0].is_string() || !is_iterable(in[0])) return Value(quoted(in[0], false));
    std::string out;
    const std::vector<Value> pairs = in[0].is_dict() ? dict_items(in[0].dict_data()) : items_of(in[0]);
    const auto add = [&](const Value& key, const Value& value) {
        if (!out.empty()) out.push_back('&');
        out += quoted(key, true) + "=" + quoted(value, true);
    };
    for (const Value& pair : pairs) {
        const std::vector<Value> parts = items_of(pair);
        if (parts.size() != 2) fail("urlencode takes pairs of a name and a value");
        add(parts[0], parts[1]);
    }
    return Value(std::move(out));
}

Value xmlattr(Invocation& in) {
    require_defined(in[0]);
    if (!in[0].is_dict()) fail(fmt::format("'{}' object has no attribute 'items'", type_name(in[0])));
    std::string out;
    for (const auto& [key, value] : in[0].dict_data().entries) {
        if (value.is_none() || value.is_undefined()) continue;
        if (!key.is_string()) fail("expected string or bytes-like object");
        if (key.text().find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos) {
            fail(fmt::format("Invalid character in attribute name: {}", to_repr(key)));
        }
        if (!out.empty()) out.push_back(' ');
        append_escaped(out, key);
        out.append("=\"");
        append_escaped(out, value);
        out.push_back('"');
    }
    if (in.flag(1, true) && !out.empty()) out.insert(0, " ");
    return make_string(std::move(out), in.autoescape());
}

// The relations of a link, each once and in their order.
std::string relations(std::string_view wanted, bool nofollow) {
    std::set<std::string_view> all{"noopener"};
    for (const std::string_view relation : split_space(wanted)) all.insert(relation);
    if (nofollow) all.insert("nofollow");
    std::string text;
    for (const std::string_view relation : all) text.append(text.empty() ? "" : " ").append(relation);
    return text;
}

// "tel:", "ftp://": a name of two characters at least, a colon, and up to two slashes.
bool is_scheme(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos || count_code_points(text.substr(0, colon)) < 2) return false;
    for (std::string_view name = text.substr(0, colon); !name.empty();) {
        const char32_t code = take_code_point(name);
        if (!is_word(code) && code != '.' && code != '+' && code != '-') return false;
    }
    const std::string_view slashes = text.substr(colon + 1);
    return slashes.size() <= 2 && slashes.find_first_not_of('/') == slashes.npos;
}

Value urlize(Invocation& in) {
    const auto given = [&](std::size_t parameter) { return in.has(parameter) && !in[parameter].is_none(); };
    LinkOptions options;
    const std::int64_t longest = given(1) ? in.integer(1) : 0;
    if (given(1)) options.longest = &longest;
    append_attribute(options.attributes, "rel", relations(given(4) ? in.text(4) : "", in.flag(2)));
    if (given(3) && truth(in[3])) append_attribute(options.attributes, "target", to_text(in[3]));
    const std::vector<Value> schemes = given(5) ? items_of(in[5]) : std::vector<Value>{};
    for (const Value& scheme : schemes) {
        if (!scheme.is_string()) fail("expected string or bytes-like object");
        if (!is_scheme(scheme.text())) fail(fmt::format("{} is not a valid URI scheme prefix.", to_repr(scheme)));
        options.schemes.push_back(scheme.text());
    }
    const Value html = escaped(in[0]);
    return make_string(with_links(html.text(), options), in.autoescape());
}

Value to_json(Invocation& in) {
    const bool indented = in.has(1) && !in[1].is_none();
    return Value::safe(json_for_html(in[0], indented ? in.integer(1) : -1));
}

constexpr Builtin kHtmlBuiltins[] = {
    {"e", escape_filter, 1, {"value"}},
    {"escape", escape_filter, 1, {"value"}},
    {"forceescape", force_escape, 1, {"value"}},
    {"safe", safe_filter, 1, {"value"}},
    {"striptags", strip_tags_filter, 1, {"value"}},
    {"tojson", to_json, 1, {"value", "indent"}},
    {"urlencode", urlencode, 1, {"value"}},
    {"urlize", urlize, 1, {"value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
    {"xmlattr", xmlattr, 1, {"d", "autospace"}},
};

}  // namespace

const std::span<const Builtin> kHtmlFilters{kHtmlBuiltins};

}  // namespace pomiar::jinja
