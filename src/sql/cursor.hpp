// A walk over `measurements`: series after series, or many merged by time, a page of readings in memory at a time.
// Borrows the Source. Thread: that of the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "sql/source.hpp"
#include "sql/walk.hpp"

namespace pomiar::sql {

// What a row's key names: a reading, or all of a series in a range.
struct Key {
    storage::SeriesId series;
    storage::TimeRange range;
};
std::string encode(const Key& key);
std::optional<Key> decode_key(std::string_view bytes);

class Cursor final : public Walk {
  public:
    explicit Cursor(Source& source) : source_(source) {}

    Result<> filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series,
                    bool by_range) override;
    Result<> next() override;
    bool at_end() const override { return group_ >= groups_.size(); }
    Result<> give(int index, sqlite3_context* to) override;

  private:
    // The first page of the first group that has one, from group_ on.
    Result<> start_group();
    Result<> fetch();
    // For whoever looks at a reading where only one row a series was promised.
    Result<> go_by_readings();
    const Series& series() const {
        const bool has_reading = !by_series_ && !page_.readings.empty();
        return (*series_)[groups_[group_][has_reading ? page_.series_of[row_] : 0]];
    }
    Nanoseconds time() const { return page_.readings.times[row_]; }
    void give_value(sqlite3_context* to) const;
    void give_exact(sqlite3_context* to) const;

    Source& source_;
    std::shared_ptr<const SeriesList> series_;
    storage::TimeRange range_ = storage::kAllTime;
    query::Order order_ = query::Order::oldest_first;
    std::vector<Group> groups_;
    std::size_t group_ = 0;
    bool by_series_ = false;  // one row a series
    bool by_range_ = false;   // and it is not even known whether there is a reading
    query::Page page_;
    std::size_t row_ = 0;
    std::uint32_t limit_ = 0;  // of the next page
};

}  // namespace pomiar::sql
