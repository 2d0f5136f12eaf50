// A walk over a table of roll-ups: series after series, each in order of time, a page of spans in memory at a time.
// Borrows the Source. Thread: that of the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "query/spans.hpp"
#include "sql/source.hpp"
#include "sql/walk.hpp"

namespace pomiar::sql {

class SpanCursor final : public Walk {
  public:
    SpanCursor(Source& source, Nanoseconds length) : source_(source), length_(length) {}

    Result<> filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series,
                    bool by_range) override;
    Result<> next() override;
    bool at_end() const override { return group_ >= groups_.size(); }
    Result<> give(int index, sqlite3_context* to) override;

  private:
    Result<> start_series();
    Result<> fetch(Nanoseconds from);
    const Series& series() const { return (*series_)[groups_[group_].front()]; }

    Source& source_;
    Nanoseconds length_;
    std::shared_ptr<const SeriesList> series_;
    storage::TimeRange range_ = storage::kAllTime;
    std::vector<Group> groups_;  // of one series each
    std::size_t group_ = 0;
    query::SpanPage page_;
    std::size_t row_ = 0;
    std::uint32_t limit_ = 0;  // of the next page
};

}  // namespace pomiar::sql
