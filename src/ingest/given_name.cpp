#include "ingest/given_name.hpp"

#include <utility>

#include "storage/sensor.hpp"

namespace pomiar::ingest {

Result<std::string> canonical_of(std::string_view name) {
    auto parsed = storage::parse_sensor(name);
    return storage::canonical(parsed ? std::move(*parsed) : storage::Sensor{std::string(name), {}});
}

}  // namespace pomiar::ingest
