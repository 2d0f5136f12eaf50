#include "storage/journal/points.hpp"

#include <fmt/core.h>

#include "base/bytes.hpp"

namespace pomiar::storage {
namespace {

// First byte of a payload. 3 is the end mark (frame.hpp).
constexpr std::uint8_t kSeriesRecord = 1;
constexpr std::uint8_t kPointsRecord = 2;  // only read: older versions wrote it
constexpr std::uint8_t kRemovalRecord = 4;
constexpr std::uint8_t kPackedRecord = 9;
constexpr std::uint8_t kUntimedRecord = 6;
constexpr std::uint8_t kAheadRecord = 7;
constexpr std::uint8_t kTimedRecord = 8;
constexpr std::uint8_t kComeRecord = 10;
constexpr std::size_t kBootBytesMax = 64;

std::string opening_of(std::uint8_t kind) {
    return std::string(1, static_cast<char>(kind));
}

std::unexpected<Error> broken_record() {
    return failure(ErrorKind::corrupt, "a journal record with an intact checksum makes no sense");
}

Result<> read_series(ByteReader& reader, PayloadVisitor& visitor) {
    const auto id = reader.varint();
    const auto type = reader.fixed<std::uint8_t>();
    const auto sensor = reader.sized();
    const auto field = reader.sized();
    if (!reader.ok() || !reader.at_end() || id == 0 || id > 0xffff'ffff || type > 2) return broken_record();
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
        if (kind > 4 || head >> 3 == 0 || head >> 3 > 0xffff'ffff) return broken_record();
        const Value value = read_value(reader, kind);
        if (!reader.ok()) return broken_record();
        if (auto r = visitor.point(static_cast<SeriesId>(head >> 3), time, value); !r) return r;
    }
    return reader.ok() ? Result<>() : broken_record();
}

Result<> read_removal(ByteReader& reader, PayloadVisitor& visitor) {
    const auto from = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    const auto to = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
    std::vector<SeriesId> series;
    std::uint64_t id = 0;
    while (!reader.at_end()) {
        const std::uint64_t distance = reader.varint();
        if (!reader.ok() || distance == 0 || distance > 0xffff'ffff - id) return broken_record();
        id += distance;
        series.push_back(static_cast<SeriesId>(id));
    }
    if (!reader.ok() || series.empty() || from >= to) return broken_record();
    return visitor.removal(series, {from, to});
}

Result<> read_untimed(ByteReader& reader, PayloadVisitor& visitor) {
    const auto boot = reader.sized();
    if (!reader.ok() || boot.size() > kBootBytesMax) return broken_record();
    return read_packed(reader, [&](SeriesId series, Nanoseconds since_boot, const Value& value) {
        return visitor.untimed(boot, series, since_boot, value);
    });
}

Result<> read_timed(ByteReader& reader, PayloadVisitor& visitor) {
    const auto boot = reader.sized();
    const auto booted = reader.signed_varint();
    if (!reader.ok() || !reader.at_end() || boot.size() > kBootBytesMax) return broken_record();
    return visitor.timed(boot, booted);
}

Result<> read_come(ByteReader& reader, PayloadVisitor& visitor) {
    const auto until = reader.signed_varint();
    if (!reader.ok() || !reader.at_end()) return broken_record();
    return visitor.come(until);
}

// Gathers readings anew.
class Merger final : public PointsVisitor {
  public:
    explicit Merger(const std::function<void(std::string_view)>& out) : out_(out) {}

    Result<> point(SeriesId series, Nanoseconds time, const Value& value) override {
        points_.add(series, time, value);
        if (points_.full()) finish();
        return {};
    }
    void finish() {
        if (!points_.empty()) out_(points_.bytes());
        points_.clear();
    }

  private:
    const std::function<void(std::string_view)>& out_;
    PointsPayload points_;
};

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

std::string timed_payload(std::string_view boot, Nanoseconds booted) {
    std::string payload = opening_of(kTimedRecord);
    ByteWriter writer(payload);
    writer.sized(boot);
    writer.signed_varint(booted);
    return payload;
}

std::string come_payload(Nanoseconds until) {
    std::string payload = opening_of(kComeRecord);
    ByteWriter(payload).signed_varint(until);
    return payload;
}

PointsPayload::PointsPayload() : PointsPayload(opening_of(kPackedRecord)) {}

PointsPayload PointsPayload::untimed(std::string_view boot) {
    std::string opening = opening_of(kUntimedRecord);
    ByteWriter(opening).sized(boot);
    return PointsPayload(std::move(opening));
}

PointsPayload PointsPayload::ahead() {
    return PointsPayload(opening_of(kAheadRecord));
}

void PointsPayload::add(SeriesId series, Nanoseconds time, const Value& value) {
    if (bytes_.empty()) bytes_ = opening_;
    write_packed(bytes_, memory_, series, time, value);
}

void PointsPayload::clear() {
    bytes_.clear();
    memory_.forget();
}

Result<> read_payload(std::string_view payload, PayloadVisitor& visitor) {
    ByteReader reader(payload);
    const auto kind = reader.fixed<std::uint8_t>();
    if (kind == kSeriesRecord) return read_series(reader, visitor);
    if (kind == kRemovalRecord) return read_removal(reader, visitor);
    const auto point = [&](SeriesId series, Nanoseconds time, const Value& v) {
        return visitor.point(series, time, v);
    };
    const auto ahead = [&](SeriesId series, Nanoseconds time, const Value& v) {
        return visitor.ahead(series, time, v);
    };
    if (kind == kPointsRecord) return read_points(reader, visitor);
    if (kind == kPackedRecord) return read_packed(reader, point);
    if (kind == kUntimedRecord) return read_untimed(reader, visitor);
    if (kind == kAheadRecord) return read_packed(reader, ahead);
    if (kind == kTimedRecord) return read_timed(reader, visitor);
    if (kind == kComeRecord) return read_come(reader, visitor);
    return failure(ErrorKind::invalid,
                   fmt::format("the journal has a record of kind {}: a newer version has written it", kind));
}

Result<> merge_payloads(const std::vector<std::string_view>& payloads,
                        const std::function<void(std::string_view)>& out) {
    Merger merger(out);
    for (const std::string_view payload : payloads) {
        const auto kind = static_cast<std::uint8_t>(payload.front());
        if (kind == kPointsRecord || kind == kPackedRecord) {
            if (auto read = read_payload(payload, merger); !read) return read;
        } else {
            merger.finish();
            out(payload);
        }
    }
    merger.finish();
    return {};
}

}  // namespace pomiar::storage
