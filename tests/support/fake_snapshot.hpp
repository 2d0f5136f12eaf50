// A snapshot in memory that cuts readings into blocks with summaries, as the store does, and counts what was asked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/snapshot.hpp"

namespace pomiar::test {

class FakeSnapshot final : public storage::Snapshot {
  public:
    // Full blocks of this many readings have a summary; the rest is the head, which has none.
    explicit FakeSnapshot(std::size_t block_readings = 16) : block_readings_(block_readings) {}

    storage::SeriesId add_series(std::string sensor, std::string field,
                                 storage::SeriesType type = storage::SeriesType::number);
    // The latest of a time wins.
    void put(storage::SeriesId series, Nanoseconds time, const storage::Value& value);
    // What is left of older readings; in order of time, and before all others of the series.
    void put_rolled_up(storage::SeriesId series, const storage::Summary& summary) {
        rolled_up_[series].push_back(summary);
    }

    const std::vector<storage::SeriesInfo>& series() override { return series_; }
    std::optional<storage::SeriesInfo> find(std::string_view sensor, std::string_view field) override;
    std::vector<storage::SeriesInfo> fields_of(std::string_view sensor) override;
    Result<std::optional<storage::Latest>> latest(storage::SeriesId series) override;
    Result<> scan(storage::SeriesId series, storage::TimeRange range, storage::Visitor& visitor) override;
    Result<std::optional<storage::TimeRange>> extent(storage::SeriesId series) override;
    std::uint64_t version() const override { return version_; }

    // In time order.
    storage::Readings all(storage::SeriesId series) const;

    std::size_t summaries_taken = 0;
    std::size_t readings_shown = 0;
    std::optional<Error> scan_failure;  // what every scan ends with

  private:
    struct Stored {
        storage::ValueKind kind;
        std::uint64_t bits;
        std::string text;
    };

    std::size_t block_readings_;
    std::uint64_t version_ = 0;
    std::vector<storage::SeriesInfo> series_;
    std::map<storage::SeriesId, std::map<Nanoseconds, Stored>> readings_;
    std::map<storage::SeriesId, std::vector<storage::Summary>> rolled_up_;
};

}  // namespace pomiar::test
