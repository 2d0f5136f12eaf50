#include "ingest/database/sensor_names.hpp"

#include <string>

#include "ingest/given_name.hpp"
#include "ingest/name_hash.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {

Result<std::uint32_t> SensorNames::series(std::string_view sensor, std::string_view field, storage::Batch& batch) {
    table_.trim();
    const std::uint32_t hash = hash_of(sensor);
    SeriesTable::Index known = table_.find_sensor(sensor, hash);
    if (known == SeriesTable::kNone) {
        auto name = canonical_of(sensor);
        if (!name) return failure(std::move(name));
        known = table_.add_sensor(sensor, hash, *name);
    }
    const std::uint32_t field_hash = hash_of(field);
    SeriesTable::Index found = table_.find_field(known, field, field_hash);
    if (found == SeriesTable::kNone) {
        if (auto checked = storage::check_field(field); !checked) return failure(std::move(checked));
        found = table_.add_field(known, field, field_hash, field);
    }
    return table_.series(found, batch);
}

}  // namespace pomiar::ingest
