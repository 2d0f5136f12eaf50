// The name of a sensor: a measurement and a sorted set of tags, and its canonical text, "climate,floor=1,room=kitchen".
// The text is escaped as in line protocol: a backslash before "," and " " in the measurement, before ",", "=" and " "
// in tags; newline, carriage return and tab as \n, \r, \t. Two sensors are the same exactly when their texts are.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kSensorBytesMax = 4096;  // of the canonical text
inline constexpr std::size_t kTagsMax = 64;
inline constexpr std::size_t kFieldBytesMax = 1024;

struct Sensor {
    std::string measurement;
    std::vector<std::pair<std::string, std::string>> tags;  // sorted by key, keys distinct, neither empty

    bool operator==(const Sensor&) const = default;
};

// Sorts the tags. Errors (invalid, too_large): an empty measurement, key or value; a key twice; a name that is not
// UTF-8, holds a NUL, or ends in a backslash (line protocol cannot write it); a limit passed.
Result<std::string> canonical(Sensor sensor);

// The opposite, for texts that came from canonical(); also accepts unsorted tags. Errors: invalid, with the position.
Result<Sensor> parse_sensor(std::string_view text);

}  // namespace pomiar::storage
