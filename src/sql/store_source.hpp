// Rows straight out of a store. Borrows the store. Thread: any but the store's own; waits for its reader thread.
#pragma once

#include "sql/source.hpp"
#include "storage/store.hpp"

namespace pomiar::sql {

class StoreSource final : public Source {
  public:
    explicit StoreSource(storage::Store& store) : store_(store) {}

    Result<std::vector<storage::SeriesInfo>> series() override;
    Result<query::Page> rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) override;
    Result<query::SpanPage> spans(storage::SeriesId series, const query::SpanQuery& query) override;
    Result<> remove(const std::vector<storage::SeriesId>& series, storage::TimeRange range) override;

  private:
    storage::Store& store_;
};

}  // namespace pomiar::sql
