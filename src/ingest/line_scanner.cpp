#include "ingest/line_scanner.hpp"

#include <array>
#include <cstring>
#include <limits>

#include "base/text.hpp"
#include "ingest/limits.hpp"
#include "ingest/name_hash.hpp"
#include "ingest/number.hpp"

namespace pomiar::ingest {
namespace {

// The part a byte may play, by which the scanner knows where a name ends.
enum Role : std::uint8_t { kControl = 1, kComma = 2, kSpace = 4, kEquals = 8 };

constexpr auto kRoles = [] {
    std::array<std::uint8_t, 256> roles{};
    for (unsigned c = 0; c < 0x20; ++c) roles[c] = kControl;
    roles[0x7f] = kControl;
    roles[','] = kComma;
    roles[' '] = kSpace;
    roles['='] = kEquals;
    return roles;
}();
constexpr std::uint8_t kMeasurementEnds = kComma | kSpace;
constexpr std::uint8_t kKeyEnds = kComma | kSpace | kEquals;

std::uint8_t role(char c) {
    return kRoles[static_cast<unsigned char>(c)];
}
bool is(char c, std::uint8_t roles) {
    return (role(c) & roles) != 0;
}
bool ends_value(const char* at, const char* end) {
    return at == end || *at == ',' || *at == ' ' || *at == '\n' || *at == '\r';
}
std::string_view between(const char* from, const char* to) {
    return {from, static_cast<std::size_t>(to - from)};
}

// Up to the first byte that ends the name; a backslash before such a byte takes its meaning away.
const char* skip_name(const char* at, const char* end, std::uint8_t ends) {
    while (at != end) {
        if (*at == '\\' && at + 1 != end && is(at[1], ends)) {
            at += 2;
        } else if (is(*at, ends | kControl)) {
            break;
        } else {
            ++at;
        }
    }
    return at;
}

std::string unescape_name(std::string_view raw, std::uint8_t ends) {
    std::string name;
    name.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size() && is(raw[i + 1], ends)) ++i;
        name += raw[i];
    }
    return name;
}

const char* skip_spaces(const char* at, const char* end) {
    while (at != end && *at == ' ') ++at;
    return at;
}

// Behind the end of the line that begins here: a newline, with or without a carriage return, or the end of the input.
// nullptr: something else stands here.
const char* take_line_end(const char* at, const char* end) {
    if (at == end) return at;
    if (*at == '\n') return at + 1;
    if (*at != '\r') return nullptr;
    if (at + 1 == end) return at + 1;
    return at[1] == '\n' ? at + 2 : nullptr;
}

const char* skip_value(const char* at, const char* end) {
    while (!ends_value(at, end)) ++at;
    return at;
}

bool is_ascii(std::string_view text) {
    const char* at = text.data();
    const char* end = at + text.size();
    for (; end - at >= 8; at += 8) {
        if ((load<std::uint64_t>(at) & name_hash::kHighs) != 0) return false;
    }
    return (name_hash::load_some(at, end) & name_hash::kHighs) == 0;
}

const char* find(const char* at, const char* end, char c) {
    return at == end ? nullptr : static_cast<const char*>(std::memchr(at, c, static_cast<std::size_t>(end - at)));
}

// The first quote that no backslash makes part of the text, nullptr if there is none. Counts backslashes that have a
// meaning: those before a quote or another backslash.
const char* find_closing_quote(const char* at, const char* end, std::size_t& escapes) {
    while (const char* quote = find(at, end, '"')) {
        while (at <= quote) {
            const char* backslash = find(at, quote, '\\');
            if (backslash == nullptr) return quote;
            const bool escape = backslash[1] == '"' || backslash[1] == '\\';
            escapes += escape ? 1 : 0;
            at = backslash + (escape ? 2 : 1);
        }
    }
    return nullptr;
}

// The digits of a time at the front: eight at once (each step adds neighbours), then one by one.
const char* take_digits(const char* at, const char* end, std::uint64_t& value) {
    while (end - at >= 8) {
        std::uint64_t word = load<std::uint64_t>(at);
        const std::uint64_t above = word + 0x4646'4646'4646'4646;   // a high bit where a byte is past '9'
        const std::uint64_t digits = word - 0x3030'3030'3030'3030;  // a high bit where it is below '0'
        if (((above | digits) & name_hash::kHighs) != 0) break;
        word = digits;
        word = word * 10 + (word >> 8);
        word = ((word & 0x0000'00ff'0000'00ff) * 0x000f'4240'0000'0064 +
                ((word >> 16) & 0x0000'00ff'0000'00ff) * 0x0000'2710'0000'0001) >>
               32;
        value = value * 100'000'000 + word;
        at += 8;
    }
    for (; at != end && *at >= '0' && *at <= '9'; ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    return at;
}

}  // namespace

const char* LineScanner::scan(const char* at, const char* end) {
    const auto left = static_cast<std::size_t>(end - at);
    if (left <= kLineBytesMax) return scan_line(at, end);
    const char* limit = at + kLineBytesMax + 1;
    const char* next = scan_line(at, limit);
    // What seems to be wrong where the line was cut may be right.
    const bool cut = next == nullptr && (fault_.at == limit || fault_.token.data() + fault_.token.size() == limit);
    return cut ? fail(LineFault::line_too_long, at) : next;
}

const char* LineScanner::scan_line(const char* at, const char* end) {
    fields_.clear();
    key_ = {};
    has_time_ = false;
    newlines_ = 0;
    at = scan_sensor(at, end);
    if (at == nullptr) return nullptr;
    at = skip_spaces(at, end);
    for (;;) {
        at = scan_field(at, end);
        if (at == nullptr) return nullptr;
        if (at == end || *at != ',') break;
        if (fields_.size() == kFieldsPerLineMax) return fail(LineFault::too_many_fields, at);
        ++at;
    }
    at = skip_spaces(at, end);
    if (const char* next = take_line_end(at, end)) return next;
    return scan_time(at, end);
}

const char* LineScanner::scan_sensor(const char* at, const char* end) {
    const HashedName name = hash_name<false>(at, end);
    if (name.end != end && *name.end == ' ') {
        sensor_ = table_.find_sensor(between(at, name.end), name.hash);
        if (sensor_ != SeriesTable::kNone) return name.end;
    }
    return learn_sensor(at, end);
}

const char* LineScanner::learn_sensor(const char* at, const char* end) {
    const char* start = at;
    tags_.clear();
    at = skip_name(at, end, kMeasurementEnds);
    if (at == start) return fail_at(at, end, LineFault::missing_measurement);
    const std::string_view measurement = between(start, at);
    while (at != end && *at == ',') {
        if (tags_.size() == storage::kTagsMax) return fail(LineFault::too_many_tags, at);
        at = scan_tag(at + 1, end);
        if (at == nullptr) return nullptr;
    }
    if (at != end && *at == '=') return fail(LineFault::equals_in_tag_value, at);
    if (at == end || *at != ' ') return fail_at(at, end, LineFault::missing_fields);

    const std::string_view raw = between(start, at);
    const std::uint32_t hash = hash_of(raw);
    sensor_ = table_.find_sensor(raw, hash);  // a name with an escaped space is found here
    if (sensor_ != SeriesTable::kNone) return at;
    if (!is_utf8(raw)) return fail(LineFault::not_utf8, start, raw);
    // Escapes at most double a name: one this long is not even copied to be looked at.
    if (raw.size() > 2 * storage::kSensorBytesMax) return fail(LineFault::sensor_too_long, start);
    const auto canonical = storage::canonical(unescape_sensor(measurement));
    if (!canonical) {
        // Everything else that it refuses was looked at above.
        const bool twice = canonical.error().kind == ErrorKind::invalid;
        return fail(twice ? LineFault::duplicate_tag : LineFault::name_refused, start, raw, canonical.error().message);
    }
    sensor_ = table_.add_sensor(raw, hash, *canonical);
    return at;
}

storage::Sensor LineScanner::unescape_sensor(std::string_view measurement) const {
    storage::Sensor sensor{unescape_name(measurement, kMeasurementEnds), {}};
    sensor.tags.reserve(tags_.size());
    for (const RawTag& tag : tags_) {
        sensor.tags.emplace_back(unescape_name(tag.key, kKeyEnds), unescape_name(tag.value, kKeyEnds));
    }
    return sensor;
}

const char* LineScanner::scan_tag(const char* at, const char* end) {
    const char* key = at;
    at = skip_name(at, end, kKeyEnds);
    if (at == key) return fail_at(at, end, LineFault::missing_tag_key);
    if (at == end || *at != '=') return fail_at(at, end, LineFault::missing_tag_value);
    const std::string_view raw_key = between(key, at);
    const char* value = ++at;
    at = skip_name(at, end, kKeyEnds);
    if (at == value) {
        const bool equals = at != end && *at == '=';
        return fail_at(at, end, equals ? LineFault::equals_in_tag_value : LineFault::missing_tag_value);
    }
    tags_.push_back({raw_key, between(value, at)});
    return at;
}

const char* LineScanner::scan_field(const char* at, const char* end) {
    at = scan_field_key(at, end);
    return at == nullptr ? nullptr : scan_value(at, end);
}

// Takes the "=" as well.
const char* LineScanner::scan_field_key(const char* at, const char* end) {
    const HashedName name = hash_name<true>(at, end);
    if (name.end != end && *name.end == '=') {
        key_ = between(at, name.end);
        entry_ = table_.find_field(sensor_, key_, name.hash);
        if (entry_ != SeriesTable::kNone) return name.end + 1;
    }
    return learn_field(at, end);
}

const char* LineScanner::learn_field(const char* at, const char* end) {
    const char* start = at;
    at = skip_name(at, end, kKeyEnds);
    key_ = between(start, at);
    if (at == start) {
        const bool none = fields_.empty() && (at == end || *at == '\n' || *at == '\r');
        return fail_at(at, end, none ? LineFault::missing_fields : LineFault::missing_field_key);
    }
    if (at == end || *at != '=') return fail_at(at, end, LineFault::field_without_value);
    const std::uint32_t hash = hash_of(key_);
    entry_ = table_.find_field(sensor_, key_, hash);
    if (entry_ != SeriesTable::kNone) return at + 1;
    if (!is_utf8(key_)) return fail(LineFault::not_utf8, start, key_);
    const std::string name = unescape_name(key_, kKeyEnds);
    if (const auto checked = storage::check_field(name); !checked)
        return fail(LineFault::name_refused, start, key_, checked.error().message);
    entry_ = table_.add_field(sensor_, key_, hash, name);
    return at + 1;
}

const char* LineScanner::scan_value(const char* at, const char* end) {
    if (ends_value(at, end)) return fail(LineFault::missing_field_value, at);
    if ((*at >= '0' && *at <= '9') || *at == '-' || *at == '.') return scan_number(at, end);
    if (*at == '"') return scan_text(at, end);
    if (*at == 't' || *at == 'T' || *at == 'f' || *at == 'F') return scan_boolean(at, end);
    const bool is_nan = *at == 'n' || *at == 'N';  // InfluxDB reads on as for a number
    return fail(is_nan ? LineFault::bad_number : LineFault::bad_value, at, between(at, skip_value(at, end)));
}

const char* LineScanner::scan_number(const char* at, const char* end) {
    const ShortNumber number = take_short_number(at, end);
    if (number.end == nullptr) return scan_long_number(at, end);
    if (ends_value(number.end, end)) return add(storage::Value::of(number.as_double()), number.end);
    const char* after = number.end + 1;
    if (number.point || !ends_value(after, end)) return scan_long_number(at, end);
    if (*number.end == 'i') return add(storage::Value::of(number.as_integer()), after);
    if (*number.end == 'u' && !number.negative)
        return add(storage::Value::of(static_cast<std::uint64_t>(number.digits)), after);
    return scan_long_number(at, end);
}

const char* LineScanner::scan_long_number(const char* at, const char* end) {
    const char* after = skip_value(at, end);
    const std::string_view token = between(at, after);
    const std::string_view digits = token.substr(0, token.size() - 1);
    const auto faulty = [&](NumberFault fault, LineFault out_of_range) {
        return fail(fault == NumberFault::range ? out_of_range : LineFault::bad_number, at, token);
    };
    if (token.back() == 'i') {
        const auto value = parse_integer(digits);
        return value ? add(storage::Value::of(*value), after) : faulty(value.error(), LineFault::integer_out_of_range);
    }
    if (token.back() == 'u') {
        const auto value = parse_unsigned(digits);
        return value ? add(storage::Value::of(*value), after) : faulty(value.error(), LineFault::unsigned_out_of_range);
    }
    const auto value = parse_decimal(token);
    return value ? add(storage::Value::of(*value), after) : faulty(value.error(), LineFault::float_out_of_range);
}

const char* LineScanner::scan_boolean(const char* at, const char* end) {
    const char* after = skip_value(at, end);
    const std::string_view token = between(at, after);
    for (const std::string_view name : {"t", "T", "true", "True", "TRUE"}) {
        if (token == name) return add(storage::Value::of(true), after);
    }
    for (const std::string_view name : {"f", "F", "false", "False", "FALSE"}) {
        if (token == name) return add(storage::Value::of(false), after);
    }
    return fail(LineFault::bad_boolean, at, token);
}

const char* LineScanner::scan_text(const char* at, const char* end) {
    const char* start = at + 1;
    std::size_t escapes = 0;
    const char* quote = find_closing_quote(start, end, escapes);
    if (quote == nullptr) return fail(LineFault::unclosed_text, at);
    const std::string_view raw = between(start, quote);
    if (raw.size() - escapes > kTextBytesMax) return fail(LineFault::text_too_long, at);
    if (!is_ascii(raw) && !is_utf8(raw)) return fail(LineFault::not_utf8, at);
    for (std::size_t i = raw.find('\n'); i != std::string_view::npos; i = raw.find('\n', i + 1)) ++newlines_;
    const char* after = quote + 1;
    if (!ends_value(after, end))
        return fail(LineFault::bytes_after_text, after, between(after, skip_value(after, end)));
    return add(storage::Value::of(raw), after, escapes != 0);
}

const char* LineScanner::scan_time(const char* at, const char* end) {
    const char* start = at;
    const bool negative = *at == '-';
    if (negative) ++at;
    std::uint64_t digits = 0;
    const char* first = at;
    at = take_digits(at, end, digits);
    const std::string_view token = between(start, at);
    if (at == first || !(at == end || is(*at, kSpace) || *at == '\n' || *at == '\r'))
        return fail(LineFault::bad_timestamp, start, between(start, skip_value(start, end)));
    if (at - first <= 19 && digits <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        time_ = negative ? -static_cast<std::int64_t>(digits) : static_cast<std::int64_t>(digits);
    } else {
        const auto time = parse_integer(token);
        if (!time) return fail(LineFault::timestamp_out_of_range, start, token);
        time_ = *time;
    }
    has_time_ = true;
    time_text_ = token;
    return scan_tail(skip_spaces(at, end), end);
}

const char* LineScanner::scan_tail(const char* at, const char* end) {
    if (const char* next = take_line_end(at, end)) return next;
    return fail(LineFault::bytes_after_timestamp, at, between(at, skip_value(at, end)));
}

std::nullptr_t LineScanner::fail(LineFault kind, const char* at, std::string_view token, std::string detail) {
    fault_ = {kind, at, key_, token, std::move(detail)};
    return nullptr;
}

std::nullptr_t LineScanner::fail_at(const char* at, const char* end, LineFault otherwise) {
    const bool control = at != end && is(*at, kControl) && take_line_end(at, end) == nullptr;
    return fail(control ? LineFault::control_character : otherwise, at,
                at == end ? std::string_view{} : between(at, at + 1));
}

void append_unescaped_text(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        out += text[i];
    }
}

}  // namespace pomiar::ingest
