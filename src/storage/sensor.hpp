// The name of a sensor: a measurement and a sorted set of tags, and its canonical text, "climate,floor=1,room=kitchen".
// The text is escaped as in line protocol: a backslash before "," and " " in the measurement, before ",", "=" and " "
// in tags; any other backslash stands for itself. Two sensors are the same exactly when their texts are.
// Names hold no control characters: line protocol has no way to write them. See docs/formats/line-protocol.md.
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
// UTF-8, holds a control character, ends in a backslash, or is a measurement that starts with "#" (line protocol cannot
// write the last two); a limit passed.
Result<std::string> canonical(Sensor sensor);

// The opposite, for texts that came from canonical(); also accepts unsorted tags. Errors: as canonical(), and texts
// that do not have the form, with the position.
Result<Sensor> parse_sensor(std::string_view text);

// Whether a field may have this name: the rules of a tag's key, and kFieldBytesMax.
Result<> check_field(std::string_view field);

}  // namespace pomiar::storage
