#include "storage/journal/points.hpp"

#include <fmt/core.h>

#include "base/bytes.hpp"

namespace pomiar::storage {
namespace {

// First byte of a payload. 3 is the end mark (frame.hpp).
constexpr std::uint8_t kSeriesRecord = 1;
constexpr std::uint8_t kPointsRecord = 2;
constexpr std::uint8_t kRemovalRecord = 4;

std::unexpected<Error> broken() {
    return failure(ErrorKind::corrupt, "a journal record with an intact checksum makes no sense");
}

Result<> read_series(ByteReader& reader, PayloadVisitor& visitor) {
    const auto id = reader.varint();
    const auto type = reader.fixed<std::uint8_t>();
    const auto sensor = reader.sized();
    const auto field = reader.sized();
    if (!reader.ok() || !reader.at_end() || id == 0 || id > 0xffff'ffff || type > 2) return broken();
    return visitor.series(static_cast<SeriesId>(id), sensor, field, static_cast<SeriesType>(type));
}

Value read_value(ByteReader& reader, std::uint64_t kind) {
    switch (kind) {
        case 0:
            return {ValueKind::float64, reader.fixed<std::uint64_t>(), {}};
        case 1:
            return Value::of(reader.signed_varint());
        case 2:
            return Value::of(reader.varint());
        case 3:
            return Value::of((reader.fixed<std::uint8_t>() & 1) != 0);
        default:
            return Value::of(reader.sized());
    }
}

Result<> read_points(ByteReader& reader, PayloadVisitor& visitor) {
    Nanoseconds time = 0;
    while (!reader.at_end()) {
        const auto head = reader.varint();
        const auto delta = static_cast<std::uint64_t>(reader.signed_varint());
        time = static_cast<Nanoseconds>(static_cast<std::uint64_t>(time) + delta);  // wraps, as the writer's does
        const std::uint64_t kind = head & 7;
        if (kind > 4 || head >> 3 == 0 || head >> 3 > 0xffff'ffff) return broken();
        const Value value = read_value(reader, kind);
        if (!reader.ok()) return broken();
        if (auto r = visitor.point(static_cast<SeriesId>(head >> 3), time, value); !r) return r;
    }
    return reader.ok() ? Result<>() : broken();
}

Result<> read_removal(ByteReader& reader, PayloadVisitor& visitor) {
    const auto from = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    const auto to = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    std::vector<SeriesId> series;
    std::uint64_t id = 0;
    while (!reader.at_end()) {
        const std::uint64_t distance = reader.varint();
        if (!reader.ok() || distance == 0 || distance > 0xffff'ffff - id) return broken();
        id += distance;
        series.push_back(static_cast<SeriesId>(id));
    }
    if (!reader.ok() || series.empty() || from >= to) return broken();
    return visitor.removal(series, {from, to});
}

}  // namespace

std::string removal_payload(const std::vector<SeriesId>& series, TimeRange range) {
    std::string payload;
    ByteWriter writer(payload);
    writer.fixed(kRemovalRecord);
    writer.fixed(static_cast<std::uint64_t>(range.from));
    writer.fixed(static_cast<std::uint64_t>(range.to));
    SeriesId before = 0;
    for (const SeriesId id : series) {
        writer.varint(id - before);
        before = id;
    }
    return payload;
}

std::string series_payload(const SeriesInfo& series) {
    std::string payload;
    ByteWriter writer(payload);
    writer.fixed(kSeriesRecord);
    writer.varint(series.id);
    writer.fixed(static_cast<std::uint8_t>(series.type));
    writer.sized(series.sensor);
    writer.sized(series.field);
    return payload;
}

void PointsPayload::add(SeriesId series, Nanoseconds time, const Value& value) {
    ByteWriter writer(bytes_);
    if (bytes_.empty()) writer.fixed(kPointsRecord);
    writer.varint(static_cast<std::uint64_t>(series) << 3 | static_cast<std::uint64_t>(value.kind));
    writer.signed_varint(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(previous_)));
    previous_ = time;
    switch (value.kind) {
        case ValueKind::float64:
            writer.fixed(value.bits);
            break;
        case ValueKind::int64:
            writer.signed_varint(static_cast<std::int64_t>(value.bits));
            break;
        case ValueKind::uint64:
            writer.varint(value.bits);
            break;
        case ValueKind::boolean:
            writer.fixed(static_cast<std::uint8_t>(value.bits));
            break;
        case ValueKind::text:
            writer.sized(value.text);
            break;
    }
}

void PointsPayload::clear() {
    bytes_.clear();
    previous_ = 0;
}

Result<> read_payload(std::string_view payload, PayloadVisitor& visitor) {
    ByteReader reader(payload);
    const auto kind = reader.fixed<std::uint8_t>();
    if (kind == kSeriesRecord) return read_series(reader, visitor);
    if (kind == kPointsRecord) return read_points(reader, visitor);
    if (kind == kRemovalRecord) return read_removal(reader, visitor);
    return failure(ErrorKind::invalid,
                   fmt::format("the journal has a record of kind {}: a newer version has written it", kind));
}

}  // namespace pomiar::storage
