#include "jinja/print.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/objects.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

void append_escape(std::string& out, char32_t code, char quote) {
    if (code == '\n') {
        out.append("\\n");
    } else if (code == '\r') {
        out.append("\\r");
    } else if (code == '\t') {
        out.append("\\t");
    } else if (code == '\\' || code == static_cast<unsigned char>(quote)) {
        out.append({'\\', static_cast<char>(code)});
    } else if (is_printable(code) || code > 0x10ffff) {
        append_code_point(out, code);
    } else {
        const auto number = static_cast<std::uint32_t>(code);
        out.append(code < 0x100     ? fmt::format("\\x{:02x}", number)
                   : code < 0x10000 ? fmt::format("\\u{:04x}", number)
                                    : fmt::format("\\U{:08x}", number));
    }
}

struct Brackets {
    std::string_view open, close;
};

Brackets brackets(Sequence sequence) {
    switch (sequence) {
        case Sequence::tuple:
        case Sequence::group:
            return {"(", ")"};
        case Sequence::keys:
            return {"dict_keys([", "])"};
        case Sequence::values:
            return {"dict_values([", "])"};
        case Sequence::items:
            return {"dict_items([", "])"};
        case Sequence::list:
        case Sequence::range:
        case Sequence::generator:
        case Sequence::reversed:
            break;
    }
    return {"[", "]"};
}

void append_sequence(std::string& out, const ListData& list) {
    if (list.sequence == Sequence::range) {
        const auto& [start, stop, step] = list.range;
        out +=
            step == 1 ? fmt::format("range({}, {})", start, stop) : fmt::format("range({}, {}, {})", start, stop, step);
        return;
    }
    if (list.is_iterator()) {
        out.append(list.sequence == Sequence::generator ? "<generator object>" : "<list_reverseiterator object>");
        return;
    }
    const Brackets around = brackets(list.sequence);
    out.append(around.open);
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        if (i > 0) out.append(", ");
        append_repr(out, list.items[i]);
    }
    if (list.is_tuple() && list.items.size() == 1) out.append(",");
    out.append(around.close);
}

void append_dict(std::string& out, const DictData& dict) {
    out.append("{");
    for (std::size_t i = 0; i < dict.entries.size(); ++i) {
        if (i > 0) out.append(", ");
        append_repr(out, dict.entries[i].first);
        out.append(": ");
        append_repr(out, dict.entries[i].second);
    }
    out.append("}");
}

std::string_view sequence_name(Sequence sequence) {
    constexpr std::array<std::string_view, 9> names = {"list",       "tuple",     "_GroupTuple",
                                                       "range",      "dict_keys", "dict_values",
                                                       "dict_items", "generator", "list_reverseiterator"};
    return names[static_cast<std::size_t>(sequence)];
}

std::string object_type(const Value& object) {
    return object.is_none() ? "None" : std::string(type_name(object)) + " object";
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
    out.push_back(quote);
    while (!text.empty()) append_escape(out, take_code_point(text), quote);
    out.push_back(quote);
}

void append_integer(std::string& out, std::int64_t value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_real(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out.append(std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    const std::size_t begin = out.size();
    // Not format_to: Clang looks for the library's instance of it by another name than GCC gave it.
    out.append(fmt::format("{}", value));  // as Python: 0.0001 and 1e-05, 1e+16; but 1 for 1.0
    if (out.find_first_of(".e", begin) == out.npos) out.append(".0");
}

void append_text(std::string& out, const Value& value) {
    if (value.is_string()) {
        out.append(value.text());
    } else if (value.is_object()) {
        value.host_object().print(out);
    } else if (!value.is_undefined()) {
        append_repr(out, value);
    }
}

void append_repr(std::string& out, const Value& value) {
    charge_steps(1);
    check_stack();
    if (Budget* budget = Budget::current()) budget->output(out.size());
    switch (value.kind()) {
        case Value::Kind::undefined:
            out.append("Undefined");
            break;
        case Value::Kind::none:
            out.append("None");
            break;
        case Value::Kind::boolean:
            out.append(value.as_boolean() ? "True" : "False");
            break;
        case Value::Kind::integer:
            append_integer(out, value.as_integer());
            break;
        case Value::Kind::real:
            append_real(out, value.as_real());
            break;
        case Value::Kind::string:
            if (value.is_safe()) out.append("Markup(");
            append_quoted(out, value.text());
            if (value.is_safe()) out.append(")");
            break;
        case Value::Kind::list:
            append_sequence(out, value.list_data());
            break;
        case Value::Kind::dict:
            append_dict(out, value.dict_data());
            break;
        case Value::Kind::object:
            value.host_object().print_inside(out);
            break;
    }
}

std::string to_text(const Value& value) {
    std::string out;
    append_text(out, value);
    return out;
}
std::string to_repr(const Value& value) {
    std::string out;
    append_repr(out, value);
    return out;
}

namespace {

std::string_view entity_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\'':
            return "&#39;";
        case '"':
            return "&#34;";
        default:
            return {};
    }
}

constexpr std::array<bool, 256> kHasEntity = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("&<>'\"")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

// Whether one of eight bytes may be one that has an entity. Each test makes a zero byte of what it looks for.
bool may_need_escape(std::uint64_t bytes) {
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & (kOnes << 7); };
    return (has_zero(bytes ^ (kOnes * '"')) | has_zero((bytes & (kOnes * 0xfe)) ^ (kOnes * '&')) |  // & and '
            has_zero((bytes & (kOnes * 0xfd)) ^ (kOnes * '<'))) != 0;                               // < and >
}

// Where the first byte with an entity stands, from `at` on; most texts have none.
std::size_t find_escape(std::string_view text, std::size_t at) {
    for (std::uint64_t bytes = 0; at + sizeof bytes <= text.size(); at += sizeof bytes) {
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        if (may_need_escape(bytes)) break;
    }
    while (at < text.size() && !kHasEntity[static_cast<unsigned char>(text[at])]) ++at;
    return at;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    std::size_t plain = 0;
    for (std::size_t at = find_escape(text, 0); at < text.size(); at = find_escape(text, plain)) {
        out.append(text.substr(plain, at - plain)).append(entity_of(text[at]));
        plain = at + 1;
    }
    out.append(text.substr(plain));
}

void append_escaped(std::string& out, const Value& value) {
    switch (value.kind()) {
        case Value::Kind::string:
            if (value.is_safe()) {
                out.append(text_of(value));
            } else {
                append_escaped(out, text_of(value));
            }
            return;
        case Value::Kind::undefined:
            return;
        case Value::Kind::none:
        case Value::Kind::boolean:
        case Value::Kind::integer:
        case Value::Kind::real:
            append_repr(out, value);
            return;
        case Value::Kind::object:
            if (value.host_object().internal_type() == ObjectType::kModule) {
                append_text(out, value);
                return;
            }
            [[fallthrough]];
        case Value::Kind::list:
        case Value::Kind::dict:
            append_escaped(out, std::string_view(to_text(value)));
            return;
    }
}

Value escaped(const Value& value) {
    if (value.is_safe()) return value;
    std::string out;
    append_escaped(out, value);
    charge_text(out.size());
    return Value::safe(std::move(out));
}

std::string_view type_name(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::undefined:
            return "Undefined";
        case Value::Kind::none:
            return "NoneType";
        case Value::Kind::boolean:
            return "bool";
        case Value::Kind::integer:
            return "int";
        case Value::Kind::real:
            return "float";
        case Value::Kind::string:
            return value.is_safe() ? "Markup" : "str";
        case Value::Kind::list:
            return sequence_name(value.list_data().sequence);
        case Value::Kind::dict:
            return "dict";
        case Value::Kind::object:
            break;
    }
    return value.host_object().type_name();
}

Value undefined_attribute(const Value& object, std::string_view name) {
    std::string message;
    append_quoted(message, object_type(object));
    message.append(" has no attribute ");
    append_quoted(message, name);
    return make_undefined(std::move(message));
}

Value undefined_element(const Value& object, const Value& key) {
    if (key.is_string()) return undefined_attribute(object, key.text());
    return make_undefined(object_type(object) + " has no element " + to_repr(key));
}

}  // namespace pomiar::jinja
