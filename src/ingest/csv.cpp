#include "ingest/csv.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <expected>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/limits.hpp"
#include "ingest/name_hash.hpp"
#include "ingest/number.hpp"
#include "ingest/plain_value.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::size_t kCellsMax = 16;  // more than there are columns, so that a wrong header can be told
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kColumnNames = "time, ts_s, ts_ms, ts_us, ts_ns, sensor, field, series, value, type";

// Behind the quote that closes the cell whose opening quote stands before `at`. npos: there is none.
std::size_t skip_quoted(std::string_view input, std::size_t at) {
    for (at = input.find('"', at); at != std::string_view::npos; at = input.find('"', at + 2)) {
        if (at + 1 >= input.size() || input[at + 1] != '"') return at + 1;
    }
    return std::string_view::npos;
}

// The newline that ends the record at the front of the input: one outside quotes. npos: not within the input.
std::size_t find_record_end(std::string_view input) {
    const std::size_t newline = input.find('\n');
    if (input.substr(0, newline).find('"') == std::string_view::npos) return newline;
    for (std::size_t at = 0; at < input.size();) {
        if (input[at] == '"') at = skip_quoted(input, at + 1);
        at = input.find_first_of(",\n", at);
        if (at == std::string_view::npos || input[at] == '\n') return at;
        ++at;
    }
    return std::string_view::npos;
}

// Cuts a record into cells. Empty: fine; otherwise what is wrong.
std::string split_record(std::string_view record, std::vector<std::string_view>& cells,
                         std::vector<std::string>& unquoted) {
    cells.clear();
    unquoted.clear();
    unquoted.reserve(kCellsMax);  // cells borrow from its strings
    for (;;) {
        if (cells.size() == kCellsMax) return fmt::format("more than {} columns", kCellsMax);
        if (!record.starts_with('"')) {
            const std::size_t comma = std::min(record.find(','), record.size());
            cells.push_back(record.substr(0, comma));
            if (comma == record.size()) return {};
            record.remove_prefix(comma + 1);
            continue;
        }
        std::string cell;
        std::size_t at = 1;
        for (;; ++at) {
            const std::size_t quote = record.find('"', at);
            if (quote == std::string_view::npos) return fmt::format("column {}: no closing quote", cells.size() + 1);
            cell += record.substr(at, quote - at);
            at = quote + 1;
            if (at == record.size() || record[at] != '"') break;
            cell += '"';
        }
        cells.emplace_back(unquoted.emplace_back(std::move(cell)));
        if (at == record.size()) return {};
        if (record[at] != ',') return fmt::format("column {}: expected a comma after the quote", cells.size());
        record.remove_prefix(at + 1);
    }
}

std::optional<Nanoseconds> time_unit(std::string_view column) {
    if (column == "time") return 0;
    if (column == "ts_s") return kSecond;
    if (column == "ts_ms") return kMillisecond;
    if (column == "ts_us") return 1'000;
    if (column == "ts_ns") return 1;
    return std::nullopt;
}

std::optional<Nanoseconds> read_time(std::string_view text, Nanoseconds unit) {
    if (unit == 0) return parse_time(text);
    const auto count = parse_integer(text);
    Nanoseconds time = 0;
    if (!count || __builtin_mul_overflow(*count, unit, &time)) return std::nullopt;
    return time;
}

template <class T>
std::optional<storage::Value> value_or_nothing(const T& value) {
    if (!value) return std::nullopt;
    return storage::Value::of(*value);
}

// Decimals, and what only export writes: "inf", "-inf", "nan", and "nan:7ff0000000000002" for a NaN of other bits.
std::optional<storage::Value> read_double(std::string_view text) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (const auto value = parse_decimal(text)) return storage::Value::of(*value);
    if (text == "inf" || text == "-inf") return storage::Value::of(text == "inf" ? kInfinity : -kInfinity);
    if (text == "nan") return storage::Value::of(std::numeric_limits<double>::quiet_NaN());
    if (!text.starts_with("nan:") || text.size() != 20) return std::nullopt;
    std::uint64_t bits = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(end - 16, end, bits, 16).ptr != end) return std::nullopt;
    return std::isnan(std::bit_cast<double>(bits))
               ? std::optional(storage::Value{storage::ValueKind::float64, bits, {}})
               : std::nullopt;
}

std::string quoted(std::string_view text) {
    return fmt::format("`{}`", quotable(text, kShownBytesMax));
}

// Nothing: the text is no value of this type.
std::optional<storage::Value> typed_value(std::string_view text, std::string_view type) {
    if (type == "float") return read_double(text);
    if (type == "int") return value_or_nothing(parse_integer(text));
    if (type == "uint") return value_or_nothing(parse_unsigned(text));
    if (type == "text") return storage::Value::of(text);
    if (type == "bool" && (text == "true" || text == "false")) return storage::Value::of(text == "true");
    return std::nullopt;
}

// What is wrong is told.
std::expected<storage::Value, std::string> read_value(std::string_view text, std::string_view type) {
    if (!type.empty()) {
        if (const auto value = typed_value(text, type)) return *value;
        return std::unexpected(fmt::format("the value {} is not of type {}", quoted(text), quoted(type)));
    }
    if (const auto value = plain_value(text); value) {
        return *value;
    } else if (value.error() == PlainFault::empty) {
        return std::unexpected("the value is empty; a text that is empty needs the type `text`");
    } else {
        return std::unexpected(fmt::format("the value {} {}", quoted(text), describe(value.error())));
    }
}

}  // namespace

Result<> CsvReader::feed(std::string_view part, storage::Batch& batch) {
    kept_ += part;
    auto used = read_records(kept_, false, batch);
    if (!used) return failure(std::move(used));
    kept_.erase(0, *used);
    return {};
}

Result<> CsvReader::finish(storage::Batch& batch) {
    auto used = read_records(kept_, true, batch);
    kept_.clear();
    if (!used) return failure(std::move(used));
    if (width_ == 0) return failure(ErrorKind::invalid, fmt::format("no header; columns may be {}", kColumnNames));
    return {};
}

Result<std::size_t> CsvReader::read_records(std::string_view input, bool last, storage::Batch& batch) {
    table_.start_batch();
    std::string_view rest = input;
    while (!rest.empty()) {
        std::size_t end = skipping_ ? rest.find('\n') : find_record_end(rest);
        const bool open = end == std::string_view::npos;
        if (open && !last && rest.size() <= kLineBytesMax) break;
        if (open) end = std::min(rest.find('\n'), rest.size());  // a quote that is never closed costs its line
        if (!skipping_ && open && rest.size() > kLineBytesMax) {
            refuse(fmt::format("the record has more than {} bytes", kLineBytesMax));
        } else if (!skipping_) {
            if (auto taken = take_record(rest.substr(0, end), batch); !taken) return failure(std::move(taken));
        }
        skipping_ = end == rest.size() && !last;
        const std::size_t passed = std::min(end + 1, rest.size());
        report_.lines += static_cast<std::uint64_t>(
            std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(passed), '\n'));
        rest.remove_prefix(passed);
    }
    return input.size() - rest.size();
}

Result<> CsvReader::take_record(std::string_view record, storage::Batch& batch) {
    if (width_ == 0 && record.starts_with(kByteOrderMark)) record.remove_prefix(kByteOrderMark.size());
    if (record.ends_with('\r')) record.remove_suffix(1);
    if (record.empty()) return {};
    std::string wrong = split_record(record, cells_, unquoted_);
    if (width_ == 0) {
        if (!wrong.empty()) return failure(ErrorKind::invalid, fmt::format("line 1: {}", wrong));
        return read_header();
    }
    if (wrong.empty() && cells_.size() != width_)
        wrong = fmt::format("has {} columns, the header {}", cells_.size(), width_);
    if (wrong.empty()) wrong = read_reading(batch);
    if (!wrong.empty()) refuse(std::move(wrong));
    table_.trim();
    return {};
}

Result<> CsvReader::read_header() {
    columns_.fill(kAbsent);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const std::string_view name = trim(cells_[i]);
        Column column = kColumns;
        if (const auto unit = time_unit(name)) {
            column = kTime;
            time_unit_ = *unit;
        }
        if (name == "sensor") column = kSensor;
        if (name == "field") column = kField;
        if (name == "series") column = kSeries;
        if (name == "value") column = kValue;
        if (name == "type") column = kType;
        if (column == kColumns) {
            return failure(ErrorKind::invalid, fmt::format("line 1: column {} is not known; columns may be {}",
                                                           quoted(name), kColumnNames));
        }
        if (has(column)) return failure(ErrorKind::invalid, fmt::format("line 1: column {} comes twice", quoted(name)));
        columns_[column] = i;
    }
    if (!has(kTime) || !has(kValue) || has(kSeries) == has(kSensor) || has(kSensor) != has(kField)) {
        return failure(ErrorKind::invalid,
                       "line 1: the header needs a time, value, and either series or both sensor and field");
    }
    width_ = cells_.size();
    return {};
}

// Empty: it was taken.
std::string CsvReader::read_reading(storage::Batch& batch) {
    const auto time = read_time(cell(kTime), time_unit_);
    if (!time || *time < kTimeMin || *time > kTimeMax) {
        return fmt::format("the time is {}, expected {} from 1677 to 2262", quoted(cell(kTime)),
                           time_unit_ == 0 ? "RFC 3339" : "an integer");
    }
    const auto value = read_value(cell(kValue), cell(kType));
    if (!value) return value.error();
    if (value->kind == storage::ValueKind::text && cell(kValue).size() > kTextBytesMax)
        return fmt::format("the text has more than {} bytes", kTextBytesMax);
    if (value->kind == storage::ValueKind::text && !is_utf8(value->text)) return "the text is not UTF-8";
    if (batch.size() == kBatchPointsMax) return fmt::format("more than {} readings at once", kBatchPointsMax);
    const auto series = find_series();
    if (!series) return series.error().message;
    batch.add(table_.series(*series, batch), *time, *value, static_cast<std::uint32_t>(report_.lines + 1));
    ++report_.readings;
    return {};
}

Result<SeriesTable::Index> CsvReader::find_series() {
    if (!has(kSeries)) return find_named_series();
    const std::string_view raw = cell(kSeries);
    const std::uint32_t hash = hash_of(raw);
    const SeriesTable::Index known = table_.find_sensor(raw, hash);
    if (known != SeriesTable::kNone) {
        const SeriesTable::Index field = table_.find_field(known, {}, 0);
        if (field != SeriesTable::kNone) return field;
    }
    const std::size_t dot = raw.rfind('.');
    const std::string_view field = dot == std::string_view::npos ? "value" : raw.substr(dot + 1);
    auto canonical = storage::canonical({std::string(raw.substr(0, dot)), {}});
    if (!canonical) return failure(std::move(canonical));
    if (auto checked = storage::check_field(field); !checked) return failure(std::move(checked));
    return table_.add_field(table_.add_sensor(raw, hash, *canonical), {}, 0, field);
}

Result<SeriesTable::Index> CsvReader::find_named_series() {
    const std::string_view raw = cell(kSensor);
    const std::uint32_t hash = hash_of(raw);
    SeriesTable::Index sensor = table_.find_sensor(raw, hash);
    if (sensor == SeriesTable::kNone) {
        auto parsed = storage::parse_sensor(raw);
        if (!parsed) return failure(std::move(parsed));
        auto canonical = storage::canonical(std::move(*parsed));
        if (!canonical) return failure(std::move(canonical));
        sensor = table_.add_sensor(raw, hash, *canonical);
    }
    const std::string_view field = cell(kField);
    const std::uint32_t field_hash = hash_of(field);
    const SeriesTable::Index known = table_.find_field(sensor, field, field_hash);
    if (known != SeriesTable::kNone) return known;
    if (auto checked = storage::check_field(field); !checked) return failure(std::move(checked));
    return table_.add_field(sensor, field, field_hash, field);
}

void CsvReader::refuse(std::string message) {
    ++report_.refused;
    if (report_.errors.size() < kErrorsKept) report_.errors.push_back({report_.lines + 1, 0, std::move(message), {}});
}

}  // namespace pomiar::ingest
