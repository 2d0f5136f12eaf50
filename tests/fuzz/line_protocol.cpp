// Any bytes as line protocol. What is taken must be writable and read back the same; parts must give what the whole
// gives; a parser that knows the names must find the same as one that does not.
#include "ingest/line_protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bug.hpp"
#include "ingest/limits.hpp"
#include "query/reading_format.hpp"
#include "storage/sensor.hpp"

namespace {

using namespace pomiar;

constexpr ingest::LineTimes kTimes{.now = 1'704'067'200'000'000'000, .unit = 1};

// Of all readings, as line protocol; NaN and infinity cannot come in, so each can be written.
std::string written(const storage::Batch& batch) {
    std::string text;
    for (const auto& point : batch.points()) {
        const auto writer = query::ReadingWriter::create(query::ReadingFormat::line_protocol,
                                                         batch.sensor(point.series), batch.field(point.series));
        require(writer.has_value(), "a sensor of the batch has no canonical text");
        require(writer->append(text, point.time, batch.value(point)), "a value cannot be written");
    }
    return text;
}

// Cut anywhere, it gives what the whole gives.
void require_parts_as_whole(std::string_view input, ingest::LineSource source) {
    ingest::LineProtocolParser whole(source);
    storage::Batch batch;
    ingest::LineReport report;
    whole.parse(input, kTimes, batch, report);

    ingest::LineProtocolParser in_parts(source);
    storage::Batch parts;
    ingest::LineReport parts_report;
    std::string kept;
    const std::size_t step = 1 + input.size() / 3;
    for (std::size_t at = 0; at < input.size(); at += step) {
        kept += input.substr(at, step);
        kept.erase(0, in_parts.parse_part(kept, kTimes, parts, parts_report));
    }
    in_parts.parse(kept, kTimes, parts, parts_report);
    require(written(parts) == written(batch) && parts_report.refused == report.refused, "parts differ from the whole");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static ingest::LineProtocolParser used_before;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    storage::Batch batch;
    ingest::LineReport report;
    used_before.parse(input, kTimes, batch, report);
    require(report.readings == batch.size(), "readings are counted");
    const std::string text = written(batch);

    ingest::LineProtocolParser fresh;
    storage::Batch again;
    ingest::LineReport again_report;
    fresh.parse(text, kTimes, again, again_report);
    require(again_report.refused == 0 && written(again) == text, "what was taken does not come back");

    require_parts_as_whole(input, ingest::LineSource::wire);
    require_parts_as_whole(input, ingest::LineSource::file);
    return 0;
}
