// What the server tells of itself, as readings, and when they are to be stored. Pure: it asks nobody.
// Flash: where nobody else reports, readings are kept back, so that ten minutes of them are one write.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "feeds/machine.hpp"
#include "storage/batch.hpp"

namespace pomiar::feeds {

// What the program knows of itself.
struct ServerFigures {
    std::uint64_t readings_stored = 0;  // since the start
    std::uint64_t flash_written = 0;    // bytes, today
    std::uint64_t database_bytes = 0;
};

// One look at both.
struct OwnFigures {
    MachineFigures machine;
    ServerFigures server;            // readings_stored: without those of this feed
    Nanoseconds time = 0;            // of the readings, or storage::kUntimed
    Nanoseconds monotonic = 0;       // when it was
    Nanoseconds processor_time = 0;  // of the process
};

class OwnReadings {
  public:
    static constexpr std::uint32_t kFields = 8;       // at most
    static constexpr std::uint32_t kToldAtOnce = 10;  // of the first looks: then a page has something to show
    static constexpr std::uint32_t kKeptBack = 10;    // of the others, at most

    void add(const OwnFigures& figures);
    // Whether what there is should be stored now.
    bool is_due() const;
    // All that was kept back; then there is nothing.
    storage::Batch take();

  private:
    void add(std::string_view field, Nanoseconds time, double value);

    storage::Batch batch_;
    std::vector<std::pair<std::string_view, std::uint32_t>> series_;  // of the batch, by field
    std::uint32_t kept_back_ = 0;                                     // looks
    std::uint32_t told_ = 0;                                          // batches, up to kToldAtOnce
    bool others_reported_ = false;
    std::optional<OwnFigures> before_;
};

}  // namespace pomiar::feeds
