#include "jinja/links.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

// The functions that are named read_... take what they find off the front of `text`, and say whether they did.

std::string_view take_while(std::string_view& text, auto&& accepts) {
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view after = rest;
        if (!accepts(take_code_point(after))) break;
        rest = after;
    }
    const std::string_view taken = text.substr(0, text.size() - rest.size());
    text = rest;
    return taken;
}

bool all_of(std::string_view text, auto&& accepts) {
    take_while(text, accepts);
    return text.empty();
}

// With Unicode's case folding, as Python's regular expressions do: "K" may be the Kelvin sign.
bool is_latin(char32_t code) {
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == 0x130 || code == 0x131 ||
           code == 0x17f || code == 0x212a;
}
bool is_digit(char32_t code) {
    return code >= '0' && code <= '9';
}
bool is_hex_digit(char32_t code) {
    return is_digit(code) || (code >= 'a' && code <= 'f') || (code >= 'A' && code <= 'F');
}
bool is_label(char32_t code) {
    return is_word(code) || code == '%' || code == '-';
}
bool counts(std::string_view text, std::size_t least, std::size_t most) {
    const std::size_t count = count_code_points(text);
    return count >= least && count <= most;
}

bool read_beginning(std::string_view& text, std::string_view beginning) {
    if (lower(text.substr(0, beginning.size())) != beginning) return false;
    text.remove_prefix(beginning.size());
    return true;
}
bool read_scheme(std::string_view& text) {
    return read_beginning(text, "https://") || read_beginning(text, "http://");
}

bool is_top_domain(std::string_view label) {
    if (counts(label, 2, 63) && all_of(label, is_latin)) return true;
    return read_beginning(label, "xn--") && counts(label, 2, 59) &&
           all_of(label, [](char32_t code) { return is_word(code) || code == '%'; });
}

bool is_basic_domain(std::span<const std::string_view> labels) {
    static constexpr std::array kKnown =
        std::to_array<std::string_view>({"com", "net", "int", "edu", "gov", "org", "info", "mil"});
    return labels.size() >= 2 && std::ranges::find(kKnown, lower(labels.back())) != kKnown.end() &&
           std::ranges::all_of(labels.first(labels.size() - 1),
                               [](std::string_view label) { return counts(label, 2, 63); });
}

bool is_ip4(std::span<const std::string_view> labels) {
    return labels.size() == 4 && std::ranges::all_of(labels, [](std::string_view label) {
               return counts(label, 1, 3) && all_of(label, is_digit);
           });
}

// As loosely as Jinja2 reads it: [two groups with colons, then up to six of up to four digits].
bool read_ip6(std::string_view& text) {
    std::string_view rest = text;
    if (!read_beginning(rest, "[")) return false;
    for (int group = 0; group < 2; ++group) {
        if (take_while(rest, is_hex_digit).size() > 4 || !read_beginning(rest, ":")) return false;
    }
    std::size_t groups = 0;
    while (!rest.empty() && rest.front() != ']') {
        const std::size_t digits = take_while(rest, is_hex_digit).size();
        const bool colon = read_beginning(rest, ":");
        if (digits == 0 && !colon) return false;
        groups += std::max<std::size_t>(1, (digits + 3) / 4);
    }
    if (groups > 6 || !read_beginning(rest, "]")) return false;
    text = rest;
    return true;
}

// A port and what follows it, to the end.
bool is_rest(std::string_view text) {
    if (text.starts_with(':')) {
        text.remove_prefix(1);
        if (!counts(take_while(text, is_digit), 1, 5)) return false;
    }
    return text.empty() || text.front() == '/' || text.front() == '?' || text.front() == '#';
}

bool is_web_address(std::string_view word) {
    std::string_view rest = word;
    const bool scheme = read_scheme(rest);
    const bool www = !scheme && read_beginning(rest, "www.");
    std::string_view address = rest;
    if (scheme && read_ip6(address)) return is_rest(address);
    const auto labels_of = [](std::string_view& text) {
        return split_at(take_while(text, [](char32_t code) { return is_label(code) || code == '.'; }), ".");
    };
    const std::vector<std::string_view> labels = labels_of(rest);
    const bool filled = std::ranges::none_of(labels, &std::string_view::empty);
    if ((scheme || www) && filled && is_top_domain(labels.back())) return is_rest(rest);
    if (scheme) return is_ip4(labels) && is_rest(rest);
    rest = word;
    return is_basic_domain(labels_of(rest)) && is_rest(rest);
}

bool is_mail_address(std::string_view word) {
    const std::size_t at = word.rfind('@');
    if (at == word.npos || at == 0) return false;
    const std::string_view host = word.substr(at + 1);
    const std::size_t dot = host.rfind('.');
    if (dot == host.npos || dot == 0 || dot + 1 == host.size()) return false;
    std::string_view first = host;
    return is_word(take_code_point(first)) && all_of(host.substr(dot + 1), is_word) &&
           all_of(host, [](char32_t code) { return is_word(code) || code == '.' || code == '-'; });
}

// What stands around an address without being of it: brackets and the end of a sentence.
struct Word {
    std::string_view head, middle, tail;
};

Word taken_apart(std::string_view word) {
    std::size_t begin = 0;
    while (begin < word.size()) {
        const std::string_view rest = word.substr(begin);
        if (rest.front() == '(' || rest.front() == '<') {
            ++begin;
        } else if (rest.starts_with("&lt;")) {
            begin += 4;
        } else {
            break;
        }
    }
    std::size_t end = word.size();
    while (end > begin) {
        const std::string_view rest = word.substr(begin, end - begin);
        if (std::string_view(")>.,\n").find(rest.back()) != std::string_view::npos) {
            --end;
        } else if (rest.ends_with("&gt;")) {
            end -= 4;
        } else {
            break;
        }
    }
    // Brackets opened inside are closed inside.
    using Pair = std::pair<std::string_view, std::string_view>;
    for (const auto& [open, close] : {Pair{"(", ")"}, Pair{"<", ">"}, Pair{"&lt;", "&gt;"}}) {
        const std::string_view middle = word.substr(begin, end - begin);
        const std::int64_t opened = count_occurrences(middle, open);
        if (opened <= count_occurrences(middle, close)) continue;
        for (std::int64_t left = std::min(opened, count_occurrences(word.substr(end), close)); left > 0; --left) {
            end = word.find(close, end) + close.size();
        }
    }
    return {word.substr(0, begin), word.substr(begin, end - begin), word.substr(end)};
}

std::string shown(std::string_view address, const LinkOptions& options) {
    if (options.longest == nullptr) return std::string(address);
    const auto size = static_cast<std::int64_t>(count_code_points(address));
    if (size <= *options.longest) return std::string(address);
    const std::int64_t kept =
        *options.longest < 0 ? std::max<std::int64_t>(0, size + *options.longest) : *options.longest;
    return fmt::format("{}...", address.substr(0, code_point_offset(address, static_cast<std::size_t>(kept))));
}

std::string link(std::string_view address, const LinkOptions& options) {
    if (is_web_address(address)) {
        const bool whole = address.starts_with("https://") || address.starts_with("http://");
        return fmt::format("<a href=\"{}{}\"{}>{}</a>", whole ? "" : "https://", address, options.attributes,
                           shown(address, options));
    }
    if (address.starts_with("mailto:") && is_mail_address(address.substr(7))) {
        return fmt::format("<a href=\"{}\">{}</a>", address, address.substr(7));
    }
    if (!address.starts_with("www.") && address.find(':') == address.npos && is_mail_address(address)) {
        return fmt::format("<a href=\"mailto:{}\">{}</a>", address, address);
    }
    std::string made(address);
    for (const std::string_view scheme : options.schemes) {
        if (made == scheme || !made.starts_with(scheme)) continue;
        made = fmt::format("<a href=\"{}\"{}>{}</a>", made, options.attributes, made);
    }
    return made;
}

}  // namespace

std::string with_links(std::string_view html, const LinkOptions& options) {
    std::string out;
    while (!html.empty()) {
        out += take_while(html, is_space);
        const Word word = taken_apart(take_while(html, [](char32_t code) { return !is_space(code); }));
        charge_steps(1);
        const std::string middle = link(word.middle, options);
        out.append(word.head).append(middle).append(word.tail);
        charge_text(middle.size());
    }
    return out;
}

}  // namespace pomiar::jinja
