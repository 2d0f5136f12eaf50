// The journal's reader on any bytes: a segment as found on a damaged card, and single payloads behind an intact
// checksum.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/journal/points.hpp"

namespace {

using namespace pomiar;
using namespace pomiar::storage;

class Count final : public PayloadVisitor {
  public:
    Result<> series(SeriesId, std::string_view sensor, std::string_view field, SeriesType) override {
        bytes += sensor.size() + field.size();
        return {};
    }
    Result<> point(SeriesId, Nanoseconds, const Value& value) override {
        bytes += value.text.size();
        return {};
    }
    Result<> removal(const std::vector<SeriesId>& series, TimeRange range) override {
        if (series.empty() || range.from >= range.to) std::abort();
        return {};
    }
    Result<> untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value) override {
        if (boot.size() > 64) std::abort();
        return point(series, since_boot, value);
    }
    Result<> ahead(SeriesId series, Nanoseconds time, const Value& value) override {
        return point(series, time, value);
    }
    Result<> timed(std::string_view boot, Nanoseconds) override {
        if (boot.size() > 64) std::abort();
        return {};
    }
    Result<> come(Nanoseconds) override { return {}; }
    std::size_t bytes = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Count count;
    (void)read_payload(bytes, count);
    if (count.bytes > size) std::abort();

    std::uint64_t sequence = parse_segment_header(bytes);
    if (sequence == 0) sequence = guess_sequence(bytes, {1, 2, 3});
    const SegmentContents contents =
        read_segment(bytes, sequence, [&](Position, std::string_view payload) { (void)read_payload(payload, count); });
    for (const DamagedSpan& span : contents.damaged) {
        if (span.offset + span.size > size) std::abort();
    }
    return 0;
}
