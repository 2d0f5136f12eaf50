// Each loop's feed hears of what was stored.
// Thread: add() before the store is opened; committed() on whichever stores, one at a time.
#pragma once

#include <vector>

#include "web/live/live_feed.hpp"

namespace pomiar::web {

class LiveFeeds final : public storage::CommitListener {
  public:
    void add(LiveFeed& feed) { feeds_.push_back(&feed); }

    void committed(const storage::Batch& batch, const std::vector<storage::SeriesId>& series) override {
        for (LiveFeed* feed : feeds_) feed->committed(batch, series);
    }
    void removed(const std::vector<storage::SeriesId>& series, storage::TimeRange range) override {
        for (LiveFeed* feed : feeds_) feed->removed(series, range);
    }

  private:
    std::vector<LiveFeed*> feeds_;
};

}  // namespace pomiar::web
