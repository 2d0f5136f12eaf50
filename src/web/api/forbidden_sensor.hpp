// A token made with --only writes no other sensors: a body that names one is refused whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/batch.hpp"
#include "web/access/principal.hpp"

namespace pomiar::web {

// The first of the batch's sensors that the asker may not write.
inline std::optional<std::string> forbidden_sensor(const storage::Batch& batch, const access::Principal& principal) {
    if (principal.only.empty()) return std::nullopt;
    for (std::uint32_t i = 0; i < batch.series_count(); ++i) {
        if (!principal.may_touch(batch.sensor(i))) return std::string(batch.sensor(i));
    }
    return std::nullopt;
}

}  // namespace pomiar::web
