#include "jinja/strip_tags.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

std::string without(std::string_view html, std::string_view open, std::string_view close) {
    std::string out;
    while (true) {
        const std::size_t start = html.find(open);
        const std::size_t end = start == html.npos ? html.npos : html.find(close, start + open.size());
        if (end == html.npos) return out.append(html);
        out.append(html.substr(0, start));
        html.remove_prefix(end + close.size());
    }
}

struct Entity {
    std::string_view name;
    char32_t code;
};
constexpr std::array kEntities = std::to_array<Entity>({
    {"amp;", '&'},      {"lt;", '<'},       {"gt;", '>'},       {"quot;", '"'},      {"apos;", '\''},
    {"nbsp;", 0xa0},    {"copy;", 0xa9},    {"reg;", 0xae},     {"deg;", 0xb0},      {"plusmn;", 0xb1},
    {"micro;", 0xb5},   {"middot;", 0xb7},  {"laquo;", 0xab},   {"raquo;", 0xbb},    {"times;", 0xd7},
    {"divide;", 0xf7},  {"ndash;", 0x2013}, {"mdash;", 0x2014}, {"lsquo;", 0x2018},  {"rsquo;", 0x2019},
    {"ldquo;", 0x201c}, {"rdquo;", 0x201d}, {"bull;", 0x2022},  {"hellip;", 0x2026}, {"euro;", 0x20ac},
    {"larr;", 0x2190},  {"rarr;", 0x2192},  {"auml;", 0xe4},    {"ouml;", 0xf6},     {"uuml;", 0xfc},
    {"Auml;", 0xc4},    {"Ouml;", 0xd6},    {"Uuml;", 0xdc},    {"szlig;", 0xdf},    {"eacute;", 0xe9},
    {"egrave;", 0xe8},
});

constexpr char32_t kNoCharacter = 0xffffffff;

// As browsers read it: numbers of Windows' characters are those, and control characters are nothing.
char32_t named_by_number(std::uint32_t number) {
    static constexpr std::array<char16_t, 32> kWindows = {
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
        0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number < 0xe000)) return 0xfffd;
    if (number >= 0x80 && number < 0xa0) return kWindows[number - 0x80];
    const bool is_control =
        (number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r') || number == 0x7f;
    const bool is_no_character = (number >= 0xfdd0 && number <= 0xfdef) || (number & 0xfffe) == 0xfffe;
    return is_control || is_no_character ? kNoCharacter : static_cast<char32_t>(number);
}

// The entity behind "&": its code point, and how many bytes it takes; 0 bytes if it is none.
std::size_t read_entity(std::string_view text, char32_t& code) {
    if (text.starts_with('#')) {
        const bool hex = text.size() > 1 && (text[1] | 0x20) == 'x';
        const std::size_t start = hex ? 2 : 1;
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(text.data() + std::min(start, text.size()), text.data() + text.size(),
                                                  number, hex ? 16 : 10);
        auto length = static_cast<std::size_t>(end - text.data());
        if (length <= start) return 0;
        code = error != std::errc() ? 0xfffd : named_by_number(number);
        return length < text.size() && text[length] == ';' ? length + 1 : length;
    }
    const auto found =
        std::ranges::find_if(kEntities, [&](const Entity& entity) { return text.starts_with(entity.name); });
    if (found == kEntities.end()) return 0;
    code = found->code;
    return found->name.size();
}

}  // namespace

std::string strip_tags(std::string_view html) {
    const std::string bare = without(without(html, "<!--", "-->"), "<", ">");
    std::string joined;
    for (const std::string_view word : split_space(bare)) {
        if (!joined.empty()) joined.push_back(' ');
        joined.append(word);
    }
    std::string out;
    for (std::string_view rest = joined; !rest.empty();) {
        const std::size_t plain = std::min(rest.find('&'), rest.size());
        out.append(rest.substr(0, plain));
        rest.remove_prefix(plain);
        if (rest.empty()) break;
        char32_t code = 0;
        const std::size_t length = read_entity(rest.substr(1), code);
        if (length == 0) {
            out.push_back('&');
        } else if (code != kNoCharacter) {
            append_code_point(out, code);
        }
        rest.remove_prefix(length + 1);
    }
    return out;
}

}  // namespace pomiar::jinja
