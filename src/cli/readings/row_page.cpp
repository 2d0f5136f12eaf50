#include "cli/readings/row_page.hpp"

#include "base/bytes.hpp"

namespace pomiar::cli {
namespace {

using storage::Value;
using storage::ValueKind;

// The distance may pass the range of times: it goes round, and back.
std::uint64_t distance(Nanoseconds from, Nanoseconds to) {
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}
Nanoseconds moved(Nanoseconds from, std::int64_t by) {
    return static_cast<Nanoseconds>(static_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(by));
}

constexpr std::size_t kRowBytesMin = 4;
constexpr std::size_t kSpanBytes = 64;

std::unexpected<Error> wrong() {
    return failure(ErrorKind::corrupt, "the server's answer is not understood; is it of another version?");
}

}  // namespace

std::string encode_rows(const query::Page& page) {
    std::string bytes;
    ByteWriter writer(bytes);
    const auto& readings = page.readings;
    writer.varint(readings.size());
    Nanoseconds previous = 0;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const Value value = readings.value(i);
        writer.varint(page.series_of[i]);
        writer.signed_varint(static_cast<std::int64_t>(distance(previous, readings.times[i])));
        previous = readings.times[i];
        bytes += static_cast<char>(value.kind);
        if (value.kind == ValueKind::text) {
            writer.sized(value.text);
        } else if (value.kind == ValueKind::float64) {
            writer.fixed(value.bits);
        } else {
            writer.varint(value.kind == ValueKind::int64 ? zigzag(static_cast<std::int64_t>(value.bits)) : value.bits);
        }
    }
    return bytes;
}

Result<query::Page> decode_rows(std::string_view bytes, std::size_t series_count) {
    query::Page page;
    ByteReader reader(bytes);
    const std::uint64_t count = reader.varint();
    if (!reader.ok() || count > reader.left() / kRowBytesMin) return wrong();
    page.readings.reserve(static_cast<std::size_t>(count));
    page.series_of.reserve(static_cast<std::size_t>(count));
    Nanoseconds time = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t series = reader.varint();
        time = moved(time, reader.signed_varint());
        const auto kind = static_cast<ValueKind>(reader.fixed<std::uint8_t>());
        Value value{kind, 0, {}};
        switch (kind) {
            case ValueKind::float64:
                value.bits = reader.fixed<std::uint64_t>();
                break;
            case ValueKind::int64:
                value.bits = static_cast<std::uint64_t>(reader.signed_varint());
                break;
            case ValueKind::uint64:
                value.bits = reader.varint();
                break;
            case ValueKind::boolean:
                value.bits = reader.varint();
                if (value.bits > 1) return wrong();
                break;
            case ValueKind::text:
                value.text = reader.sized();
                break;
            default:
                return wrong();
        }
        if (!reader.ok() || series >= series_count) return wrong();
        page.readings.push(time, value);
        page.series_of.push_back(static_cast<std::uint32_t>(series));
    }
    if (!reader.at_end()) return wrong();
    return page;
}

std::string encode_spans(const query::SpanPage& page) {
    std::string bytes;
    ByteWriter writer(bytes);
    for (const query::Span& span : page.spans) {
        writer.fixed(static_cast<std::uint64_t>(span.start));
        writer.fixed(static_cast<std::uint64_t>(span.length));
        writer.fixed(span.count);
        for (const double figure : {span.min, span.max, span.sum, span.first, span.last})
            writer.fixed(std::bit_cast<std::uint64_t>(figure));
    }
    return bytes;
}

Result<query::SpanPage> decode_spans(std::string_view bytes) {
    if (bytes.size() % kSpanBytes != 0) return wrong();
    query::SpanPage page;
    page.spans.reserve(bytes.size() / kSpanBytes);
    ByteReader reader(bytes);
    const auto figure = [&] { return std::bit_cast<double>(reader.fixed<std::uint64_t>()); };
    while (!reader.at_end()) {
        query::Span span{};
        span.start = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
        span.length = static_cast<Nanoseconds>(reader.fixed<std::uint64_t>());
        span.count = reader.fixed<std::uint64_t>();
        span.min = figure();
        span.max = figure();
        span.sum = figure();
        span.first = figure();
        span.last = figure();
        page.spans.push_back(span);
    }
    return page;
}

}  // namespace pomiar::cli
