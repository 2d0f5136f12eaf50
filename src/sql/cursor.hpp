// One walk over the table: series after series, or many merged by time, a page of readings in memory at a time.
// Borrows the Source. Thread: that of the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "sql/plan.hpp"
#include "sql/selection.hpp"
#include "sql/source.hpp"

namespace pomiar::sql {

using SeriesList = std::vector<Series>;

// What a row's key names: a reading, or all of a series in a range.
struct Key {
    storage::SeriesId series;
    storage::TimeRange range;
};
std::string encode(const Key& key);
std::optional<Key> decode_key(std::string_view bytes);

class Cursor {
  public:
    explicit Cursor(Source& source) : source_(source) {}

    // Begins anew. by_range: for a DELETE, one row for each series, whose key is all of the range, as long as nobody
    // looks at the readings. Errors: those of the source; invalid.
    Result<> filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series, bool by_range);
    Result<> next();
    bool at_end() const { return group_ >= groups_.size(); }
    // Errors: those of the source.
    Result<> give(Column column, sqlite3_context* to);

    // Readings that could not be read are missing; tells it once.
    std::optional<Error> take_damage() { return std::exchange(damage_, std::nullopt); }

  private:
    using Group = std::vector<std::uint32_t>;  // of series, by index, in order of id

    void arrange(const Plan& plan, const Selection& selection);
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
    std::optional<Error> damage_;
};

}  // namespace pomiar::sql
