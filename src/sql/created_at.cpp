#include "sql/created_at.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace pomiar::sql {
namespace {

constexpr std::size_t kDateBytes = 10;    // 2026-11-23
constexpr std::size_t kMinuteBytes = 16;  // 2026-11-23 18:00
constexpr std::size_t kSecondBytes = 19;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// As format_created_at makes them: of two such texts the order of the bytes is the order of the times.
bool is_plain(std::string_view text) {
    constexpr std::string_view kForm = "dddd-dd-dd dd:dd:dd";
    if (text.size() < kSecondBytes) return false;
    for (std::size_t i = 0; i < kSecondBytes; ++i) {
        if (kForm[i] == 'd' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
    }
    const std::string_view rest = text.substr(kSecondBytes);
    if (rest.empty()) return true;
    const bool has_size = rest.size() == 4 || rest.size() == 7 || rest.size() == 10;
    return has_size && rest[0] == '.' && std::ranges::all_of(rest.substr(1), is_digit) && !rest.ends_with("000");
}

// The same year's text with one that nanoseconds can hold; nothing when it holds as it is.
std::optional<Nanoseconds> beyond(std::string_view text) {
    const std::string_view year = text.substr(0, 4);
    if (year.size() < 4 || !std::ranges::all_of(year, is_digit)) return std::nullopt;
    const bool is_early = year <= "1677";
    if (!is_early && year < "2262") return std::nullopt;
    // A leap year for a leap year, or 29 February would be no day.
    std::string held(text);
    const auto number = parse_int64(year).value_or(0);
    const bool leap = number % 4 == 0 && (number % 100 != 0 || number % 400 == 0);
    held.replace(0, 4, leap ? "2000" : "2001");
    if (!parse_time(held)) return std::nullopt;
    return is_early ? std::numeric_limits<Nanoseconds>::min() : std::numeric_limits<Nanoseconds>::max();
}

}  // namespace

std::string format_created_at(Nanoseconds time) {
    std::string text = format_time(time);
    text[kDateBytes] = ' ';
    text.pop_back();
    return text;
}

std::optional<Nanoseconds> parse_created_at(std::string_view text) {
    text = trim(text);
    std::string whole(text);
    if (whole.size() == kMinuteBytes) whole += ":00";
    if (whole.size() > kDateBytes) {
        // parse_time wants an offset: one stands behind the seconds, or there is none.
        const bool has_offset = whole.back() == 'Z' || whole.back() == 'z' ||
                                whole.find_first_of("+-", std::min(kSecondBytes, whole.size())) != std::string::npos;
        if (!has_offset) whole += 'Z';
    }
    if (const auto time = parse_time(whole)) return time;
    return beyond(whole);
}

int compare_created_at(std::string_view a, std::string_view b) {
    const auto by_bytes = [&] { return a.compare(b); };
    if (is_plain(a) && is_plain(b)) return by_bytes();
    const auto left = parse_created_at(a);
    const auto right = parse_created_at(b);
    if (left && right) return *left < *right ? -1 : static_cast<int>(*left > *right);
    if (left.has_value() != right.has_value()) return left ? -1 : 1;
    return by_bytes();
}

}  // namespace pomiar::sql
