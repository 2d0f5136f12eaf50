// Any bytes as the body of POST /api/v1/measurements. What is taken must have names that can be written.
#include "ingest/measurements_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bug.hpp"
#include "storage/sensor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pomiar;
    storage::Batch batch;
    ingest::BodyReport report;
    const auto result = ingest::parse_measurements_json({reinterpret_cast<const char*>(data), size}, 0, batch, report);
    require(result || batch.empty(), "a body that is not JSON left readings behind");
    require(report.readings == batch.size(), "readings are counted");
    require((report.refused == 0) == report.errors.empty(), "a refused element has an error");
    for (const auto& point : batch.points()) {
        const auto sensor = storage::parse_sensor(batch.sensor(point.series));
        require(sensor && storage::canonical(*sensor) == batch.sensor(point.series), "a name is not canonical");
        require(storage::check_field(batch.field(point.series)).has_value(), "a field may not have this name");
    }
    return 0;
}
