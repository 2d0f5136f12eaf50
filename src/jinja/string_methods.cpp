// The methods of str. On a safe text they escape what they take in and give a safe text, as MarkupSafe's do.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/methods.hpp"
#include "jinja/operators.hpp"
#include "jinja/percent_format.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

std::string_view self(const Invocation& in) {
    return in[0].text();
}

Value same_kind(const Invocation& in, std::string text) {
    charge_text(text.size());
    return make_string(std::move(text), in[0].is_safe());
}
Value same_kind(const Invocation& in, std::string_view text) {
    return same_kind(in, std::string(text));
}

// A text argument, escaped if the text itself is safe.
Value part(const Invocation& in, std::size_t parameter) {
    static_cast<void>(in.text(parameter));
    return in[0].is_safe() ? escaped(in[parameter]) : in[parameter];
}

Value texts(const Invocation& in, const std::vector<std::string_view>& parts, Sequence sequence = Sequence::list) {
    std::vector<Value> items;
    items.reserve(parts.size());
    charge_steps(parts.size());
    for (const std::string_view text : parts) items.push_back(make_string(std::string(text), in[0].is_safe()));
    return make_list(std::move(items), sequence);
}

Value upper_method(Invocation& in) {
    return same_kind(in, upper(self(in)));
}
Value lower_method(Invocation& in) {
    return same_kind(in, lower(self(in)));
}
Value casefold_method(Invocation& in) {
    return same_kind(in, fold_case(self(in)));
}
Value capitalize_method(Invocation& in) {
    return same_kind(in, capitalize(self(in)));
}
Value title_method(Invocation& in) {
    return same_kind(in, title(self(in)));
}
Value swapcase(Invocation& in) {
    std::string out;
    for (std::string_view text = self(in); !text.empty();) {
        const char32_t code = take_code_point(text);
        if (is_upper(code)) {
            append_code_point(out, to_lower(code));
        } else {
            append_upper(out, code);
        }
    }
    return same_kind(in, std::move(out));
}

template <bool Left, bool Right>
Value strip_method(Invocation& in) {
    if (!in.has(1) || in[1].is_none()) return same_kind(in, strip_space(self(in), Left, Right));
    return same_kind(in, strip(self(in), part(in, 1).text(), Left, Right));
}

template <Side Where>
Value pad_method(Invocation& in) {
    const Value fill = in.has(2) ? part(in, 2) : Value(" ");
    if (count_code_points(fill.text()) != 1) fail("The fill character must be exactly one character long");
    return same_kind(in, pad(self(in), in.integer(1), fill.text(), Where));
}

Value zfill(Invocation& in) {
    const std::string_view text = self(in);
    const bool has_sign = text.starts_with('-') || text.starts_with('+');
    const std::string_view digits = text.substr(has_sign ? 1 : 0);
    return same_kind(in, std::string(text.substr(0, has_sign ? 1 : 0)) +
                             pad(digits, in.integer(1) - (has_sign ? 1 : 0), "0", Side::right));
}

bool without_separator(const Invocation& in) {
    if (!in.has(1) || in[1].is_none()) return true;
    if (in.text(1).empty()) fail("empty separator");
    return false;
}

Value split_method(Invocation& in) {
    const std::int64_t most = in.integer(2, kNoLimit);
    return texts(in, without_separator(in) ? split_space(self(in), most) : split_at(self(in), in.text(1), most));
}
Value rsplit(Invocation& in) {
    const std::int64_t most = in.integer(2, kNoLimit);
    return texts(in, without_separator(in) ? split_space_from_right(self(in), most)
                                           : split_at_from_right(self(in), in.text(1), most));
}
Value splitlines(Invocation& in) {
    return texts(in, split_lines(self(in), in.flag(1)));
}

Value partition(Invocation& in) {
    const Value separator = part(in, 1);
    if (separator.text().empty()) fail("empty separator");
    auto parts = split_at(self(in), separator.text(), 1);
    if (parts.size() == 1) return texts(in, {self(in), "", ""}, Sequence::tuple);
    return texts(in, {parts[0], separator.text(), parts[1]}, Sequence::tuple);
}
Value rpartition(Invocation& in) {
    const Value separator = part(in, 1);
    if (separator.text().empty()) fail("empty separator");
    auto parts = split_at_from_right(self(in), separator.text(), 1);
    if (parts.size() == 1) return texts(in, {"", "", self(in)}, Sequence::tuple);
    return texts(in, {parts[0], separator.text(), parts[1]}, Sequence::tuple);
}

Value replace_method(Invocation& in) {
    return same_kind(in, replace(self(in), part(in, 1).text(), part(in, 2).text(), in.integer(3, kNoLimit)));
}

Value join_method(Invocation& in) {
    std::string out;
    ItemReader reader(in[1]);
    std::size_t index = 0;
    for (Value item; reader.next(item); ++index) {
        charge_steps(1);
        if (index > 0) out.append(self(in));
        if (in[0].is_safe()) {
            append_escaped(out, item);
        } else if (item.is_string()) {
            out.append(item.text());
        } else {
            require_defined(item);
            fail(fmt::format("sequence item {}: expected str instance, {} found", index, type_name(item)));
        }
        if (const Budget* budget = Budget::current()) budget->output(out.size());
    }
    return same_kind(in, std::move(out));
}

template <bool End>
Value matches_end(Invocation& in) {
    const auto matches = [&](const Value& affix) {
        if (!affix.is_string()) fail("startswith first arg must be str or a tuple of str");
        return End ? self(in).ends_with(affix.text()) : self(in).starts_with(affix.text());
    };
    if (!in[1].is_list() || !in[1].list_data().is_tuple()) return matches(in[1]);
    return std::ranges::any_of(in[1].list_data().items, matches);
}

Value removeprefix(Invocation& in) {
    const std::string_view text = self(in);
    const std::string_view prefix = in.text(1);
    return make_string(std::string(text.starts_with(prefix) ? text.substr(prefix.size()) : text), false);
}
Value removesuffix(Invocation& in) {
    const std::string_view text = self(in);
    const std::string_view suffix = in.text(1);
    return make_string(std::string(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text), false);
}

template <bool FromRight, bool Required>
Value find_method_of_text(Invocation& in) {
    const std::string_view text = self(in);
    const std::size_t at = FromRight ? text.rfind(in.text(1)) : text.find(in.text(1));
    if (at == text.npos) {
        if (Required) fail("substring not found");
        return -1;
    }
    return static_cast<std::int64_t>(count_code_points(text.substr(0, at)));
}

Value count_method(Invocation& in) {
    return count_occurrences(self(in), in.text(1));
}
Value format_method(Invocation& in) {
    Arguments rest = in.arguments;
    ++rest.positional;
    --rest.count;
    return brace_format(in[0], rest);
}
Value expandtabs(Invocation& in) {
    const std::int64_t width = in.integer(1, 8);
    if (width > 1000) fail("a tab width passes 1000", ErrorKind::too_large);
    std::string out;
    std::int64_t column = 0;
    for (std::string_view text = self(in); !text.empty();) {
        const char32_t code = take_code_point(text);
        if (code == '\t') {
            const std::int64_t blanks = width > 0 ? width - column % width : 0;
            out.append(static_cast<std::size_t>(blanks), ' ');
            column += blanks;
        } else {
            append_code_point(out, code);
            column = code == '\n' || code == '\r' ? 0 : column + 1;
        }
    }
    return same_kind(in, std::move(out));
}

// All code points are of a class, and there is one.
template <bool (*Is)(char32_t)>
Value all_are(Invocation& in) {
    std::string_view text = self(in);
    if (text.empty()) return false;
    while (!text.empty()) {
        if (!Is(take_code_point(text))) return false;
    }
    return true;
}
bool is_digit(char32_t code) {
    return code >= '0' && code <= '9';
}
bool is_alphanumeric(char32_t code) {
    return code != '_' && is_word(code);
}

// Cased code points are all of one case, and there is one.
template <bool (*Wanted)(char32_t), bool (*Refused)(char32_t)>
Value cased(Invocation& in) {
    bool found = false;
    for (std::string_view text = self(in); !text.empty();) {
        const char32_t code = take_code_point(text);
        if (Refused(code)) return false;
        found = found || Wanted(code);
    }
    return found;
}

constexpr Builtin kMethods[] = {
    {"capitalize", capitalize_method, 1, {"self"}},
    {"casefold", casefold_method, 1, {"self"}},
    {"center", pad_method<Side::center>, 2, {"self", "width", "fillchar"}},
    {"count", count_method, 2, {"self", "sub"}},
    {"endswith", matches_end<true>, 2, {"self", "suffix"}},
    {"expandtabs", expandtabs, 1, {"self", "tabsize"}},
    {"find", find_method_of_text<false, false>, 2, {"self", "sub"}},
    {"format", format_method, 1, {"self"}, true},
    {"index", find_method_of_text<false, true>, 2, {"self", "sub"}},
    {"isalnum", all_are<is_alphanumeric>, 1, {"self"}},
    {"isalpha", all_are<is_alphabetic>, 1, {"self"}},
    {"isdecimal", all_are<is_digit>, 1, {"self"}},
    {"isdigit", all_are<is_digit>, 1, {"self"}},
    {"islower", cased<is_lower, is_upper>, 1, {"self"}},
    {"isnumeric", all_are<is_digit>, 1, {"self"}},
    {"isspace", all_are<is_space>, 1, {"self"}},
    {"isupper", cased<is_upper, is_lower>, 1, {"self"}},
    {"join", join_method, 2, {"self", "iterable"}},
    {"ljust", pad_method<Side::left>, 2, {"self", "width", "fillchar"}},
    {"lower", lower_method, 1, {"self"}},
    {"lstrip", strip_method<true, false>, 1, {"self", "chars"}},
    {"partition", partition, 2, {"self", "sep"}},
    {"removeprefix", removeprefix, 2, {"self", "prefix"}},
    {"removesuffix", removesuffix, 2, {"self", "suffix"}},
    {"replace", replace_method, 3, {"self", "old", "new", "count"}},
    {"rfind", find_method_of_text<true, false>, 2, {"self", "sub"}},
    {"rindex", find_method_of_text<true, true>, 2, {"self", "sub"}},
    {"rjust", pad_method<Side::right>, 2, {"self", "width", "fillchar"}},
    {"rpartition", rpartition, 2, {"self", "sep"}},
    {"rsplit", rsplit, 1, {"self", "sep", "maxsplit"}},
    {"rstrip", strip_method<false, true>, 1, {"self", "chars"}},
    {"split", split_method, 1, {"self", "sep", "maxsplit"}},
    {"splitlines", splitlines, 1, {"self", "keepends"}},
    {"startswith", matches_end<false>, 2, {"self", "prefix"}},
    {"strip", strip_method<true, true>, 1, {"self", "chars"}},
    {"swapcase", swapcase, 1, {"self"}},
    {"title", title_method, 1, {"self"}},
    {"upper", upper_method, 1, {"self"}},
    {"zfill", zfill, 2, {"self", "width"}},
};

}  // namespace

const std::span<const Builtin> kStringMethods{kMethods};

}  // namespace pomiar::jinja
