#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/compile.h>
#include <fmt/core.h>

namespace pomiar {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit)) {
        return std::nullopt;
    }
    const auto value = parse_whole<int>(text.substr(0, count));
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<Nanoseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    Nanoseconds unit = kSecond;
    Nanoseconds value = 0;
    std::size_t digits = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
        unit /= 10;
        value += (text.front() - '0') * unit;
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    return value;
}

std::optional<Nanoseconds> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return 0;
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const Nanoseconds offset = *hours * kHour + *minutes * kMinute;
    return west ? -offset : offset;
}

struct Unit {
    std::string_view name;
    std::uint64_t size;
};

constexpr std::array<Unit, 10> kDurations{{{"ns", 1},
                                           {"us", 1'000},
                                           {"ms", kMillisecond},
                                           {"s", kSecond},
                                           {"m", kMinute},
                                           {"h", kHour},
                                           {"d", kDay},
                                           {"w", 7 * kDay},
                                           {"y", 365 * kDay},
                                           {"", 0}}};
constexpr std::array<Unit, 8> kSizes{{{"", 1},
                                      {"B", 1},
                                      {"KiB", 1u << 10},
                                      {"MiB", 1u << 20},
                                      {"GiB", 1u << 30},
                                      {"kB", 1'000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000}}};

template <std::size_t N>
std::optional<std::uint64_t> unit_size(const std::array<Unit, N>& units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name && unit.size != 0) return unit.size;
    }
    return std::nullopt;
}

constexpr std::uint64_t kTooLarge = std::numeric_limits<std::uint64_t>::max();  // for an int64

// One "12ms" off the front, in units' smallest part, or kTooLarge. Nothing when it is malformed.
template <std::size_t N>
std::optional<std::uint64_t> take_quantity(std::string_view& text, const std::array<Unit, N>& units) {
    const auto digits_end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = static_cast<std::size_t>(digits_end - text.begin());
    const auto count = parse_whole<std::uint64_t>(text.substr(0, digits));
    if (!count) return std::nullopt;
    text.remove_prefix(digits);
    const auto name =
        text.substr(0, static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin()));
    text.remove_prefix(name.size());
    const auto unit = unit_size(units, name);
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!unit) return std::nullopt;
    return *count > kMax / *unit ? kTooLarge : *count * *unit;
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Length of the well-formed UTF-8 sequence at the front (Unicode 15 table 3-7), 0 if it is not one.
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
    const std::uint8_t first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f)) return 0;
        return tail(1) && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if ((first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f)) return 0;
        return tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lower(c);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0;;) {
        const auto end = text.find(separator, start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::optional<std::int64_t> parse_int64(std::string_view text) {
    return parse_whole<std::int64_t>(text);
}
std::optional<std::uint64_t> parse_uint64(std::string_view text) {
    return parse_whole<std::uint64_t>(text);
}
std::optional<double> parse_double(std::string_view text) {
    return parse_whole<double>(text);
}

// Of a number with at most three decimal places, as sensors send most: false for all others. Two decimals of up to 15
// digits are never the same double, so that the one which gives the value back is the shortest text of it.
static bool append_decimal(std::string& out, double value) {
    constexpr double kPlaces = 1000;
    const double scaled = value * kPlaces;
    if (!(std::abs(scaled) < 1e15)) return false;
    const auto thousandths = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    if (thousandths == 0 || static_cast<double>(thousandths) / kPlaces != value) return false;
    char buffer[32];
    char* end = buffer;
    if (thousandths < 0) *end++ = '-';
    const std::uint64_t magnitude = static_cast<std::uint64_t>(thousandths < 0 ? -thousandths : thousandths);
    end = std::to_chars(end, buffer + sizeof buffer, magnitude / 1000).ptr;
    *end++ = '.';
    const auto places = static_cast<unsigned>(magnitude % 1000);
    *end++ = static_cast<char>('0' + places / 100);
    *end++ = static_cast<char>('0' + places / 10 % 10);
    *end++ = static_cast<char>('0' + places % 10);
    while (end[-1] == '0') --end;
    out.append(buffer, end);
    return true;
}

void append_double(std::string& out, double value) {
    char buffer[32];
    // As the integer 100000 looks beside it, and not 1e+05.
    const bool is_whole =
        std::abs(value) < 0x1p53 && std::trunc(value) == value && !(value == 0 && std::signbit(value));
    if (!is_whole && append_decimal(out, value)) return;
    // {fmt}'s shortest text, since std::to_chars would bring tables of 130 KB with it.
    const auto end = is_whole ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value)).ptr
                              : fmt::format_to(buffer, FMT_COMPILE("{}"), value);
    out.append(buffer, end);
}

std::optional<Nanoseconds> parse_time(std::string_view text) {
    using namespace std::chrono;
    const auto year_part = take_digits(text, 4);
    if (!year_part || !take(text, '-')) return std::nullopt;
    const auto month_part = take_digits(text, 2);
    if (!month_part || !take(text, '-')) return std::nullopt;
    const auto day_part = take_digits(text, 2);
    if (!day_part) return std::nullopt;
    const year_month_day date{year{*year_part}, month{static_cast<unsigned>(*month_part)},
                              day{static_cast<unsigned>(*day_part)}};
    if (!date.ok()) return std::nullopt;

    std::int64_t seconds = std::int64_t{sys_days{date}.time_since_epoch().count()} * 86'400;
    Nanoseconds fraction = 0;
    if (!text.empty()) {
        if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
        const auto hour_part = take_digits(text, 2);
        if (!hour_part || *hour_part > 23 || !take(text, ':')) return std::nullopt;
        const auto minute_part = take_digits(text, 2);
        if (!minute_part || *minute_part > 59 || !take(text, ':')) return std::nullopt;
        const auto second_part = take_digits(text, 2);
        if (!second_part || *second_part > 60) return std::nullopt;  // 60: a leap second, counted into the next minute
        const auto decimals = take_fraction(text);
        if (!decimals) return std::nullopt;
        const auto offset = take_offset(text);
        if (!offset || !text.empty()) return std::nullopt;
        seconds += *hour_part * 3'600 + *minute_part * 60 + *second_part - *offset / kSecond;
        fraction = *decimals;
    }
    // Towards zero, so that the earliest time does not overflow on the way.
    if (seconds < 0 && fraction > 0) {
        ++seconds;
        fraction -= kSecond;
    }
    Nanoseconds time = 0;
    if (__builtin_mul_overflow(seconds, kSecond, &time) || __builtin_add_overflow(time, fraction, &time))
        return std::nullopt;
    return time;
}

namespace {

// The last `digits` digits of a number, with leading zeros.
char* put_digits(char* out, std::uint64_t number, unsigned digits) {
    for (unsigned i = digits; i-- > 0; number /= 10) out[i] = static_cast<char>('0' + number % 10);
    return out + digits;
}
char* put(char* out, char text) {
    *out = text;
    return out + 1;
}

}  // namespace

void append_time(std::string& out, Nanoseconds time) {
    using namespace std::chrono;
    // Not floor<days>: its multiplication back overflows near the ends of the range.
    Nanoseconds day_number = time / kDay;
    Nanoseconds rest = time % kDay;
    if (rest < 0) {
        rest += kDay;
        --day_number;
    }
    const year_month_day date{sys_days{days{day_number}}};
    char text[32];
    char* end = put_digits(text, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);  // 1677 to 2262
    end = put_digits(put(end, '-'), static_cast<unsigned>(date.month()), 2);
    end = put_digits(put(end, '-'), static_cast<unsigned>(date.day()), 2);
    end = put_digits(put(end, 'T'), static_cast<std::uint64_t>(rest / kHour), 2);
    end = put_digits(put(end, ':'), static_cast<std::uint64_t>(rest % kHour / kMinute), 2);
    end = put_digits(put(end, ':'), static_cast<std::uint64_t>(rest % kMinute / kSecond), 2);
    if (const auto fraction = static_cast<std::uint64_t>(rest % kSecond); fraction != 0) {
        const unsigned dropped = fraction % 1'000'000 == 0 ? 6 : fraction % 1'000 == 0 ? 3 : 0;
        const std::uint64_t unit = dropped == 6 ? 1'000'000 : dropped == 3 ? 1'000 : 1;
        end = put_digits(put(end, '.'), fraction / unit, 9 - dropped);
    }
    out.append(text, put(end, 'Z'));
}

std::string format_time(Nanoseconds time) {
    std::string out;
    append_time(out, time);
    return out;
}

Result<Nanoseconds> parse_duration(std::string_view text) {
    constexpr auto kForever = std::numeric_limits<Nanoseconds>::max();
    if (text == "forever") return kForever;
    std::string_view rest = text;
    std::uint64_t sum = 0;
    bool is_too_long = false;
    do {
        const auto part = take_quantity(rest, kDurations);
        if (!part) {
            return failure(
                ErrorKind::invalid,
                fmt::format("\"{}\" is not a length of time such as 15s, 250ms, 90d, 1h30m or forever", text));
        }
        is_too_long = is_too_long || *part > static_cast<std::uint64_t>(kForever) - sum;
        sum = is_too_long ? 0 : sum + *part;
    } while (!rest.empty());
    if (is_too_long) return failure(ErrorKind::too_large, fmt::format("\"{}\" is longer than 292 years", text));
    return static_cast<Nanoseconds>(sum);
}

std::string format_duration(Nanoseconds length) {
    if (length == std::numeric_limits<Nanoseconds>::max()) return "forever";
    if (length <= 0) return "0s";
    std::string out;
    for (std::string_view name : {"y", "d", "h", "m", "s", "ms", "us", "ns"}) {
        const auto unit = static_cast<Nanoseconds>(*unit_size(kDurations, name));
        if (length >= unit) out += fmt::format("{}{}", length / unit, name);
        length %= unit;
    }
    return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
    std::string_view rest = text;
    const auto size = take_quantity(rest, kSizes);
    if (!size || *size == kTooLarge || !rest.empty()) {
        return failure(ErrorKind::invalid,
                       fmt::format("\"{}\" is not a size such as 4096, 512KiB, 2MiB or 1GiB", text));
    }
    return *size;
}

std::string format_size(std::uint64_t bytes) {
    for (std::string_view name : {"GiB", "MiB", "KiB"}) {
        const auto unit = *unit_size(kSizes, name);
        if (bytes >= unit && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
    }
    return fmt::format("{}", bytes);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Damerau-Levenshtein with adjacent swaps (optimal string alignment): three rows of the table.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (char c : text) {
        const bool unreserved =
            is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
        }
    }
    return out;
}

}  // namespace pomiar
