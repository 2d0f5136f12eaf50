// From the sensor and field that a row names to a series of the batch.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "ingest/series_table.hpp"

namespace pomiar::ingest {

class SensorNames {
  public:
    // The next batch has none of the series yet.
    void start_batch() { table_.start_batch(); }

    // sensor: canonical text, `climate,room=kitchen`; any other text is the name of a measurement without tags. Errors:
    // invalid, too_large, for names that cannot be.
    Result<std::uint32_t> series(std::string_view sensor, std::string_view field, storage::Batch& batch);

  private:
    SeriesTable table_;
};

}  // namespace pomiar::ingest
