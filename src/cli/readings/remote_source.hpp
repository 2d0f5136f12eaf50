// Rows for SQL out of a running server, through its control socket. Borrows the clients. Thread: one at a time.
#pragma once

#include "cli/readings/control_client.hpp"
#include "sql/source.hpp"

namespace pomiar::cli {

class RemoteSource final : public sql::Source {
  public:
    // patient: for what may take long.
    RemoteSource(ControlClient& client, ControlClient& patient) : client_(client), patient_(patient) {}

    Result<std::vector<storage::SeriesInfo>> series() override;
    Result<query::Page> rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) override;
    Result<query::SpanPage> spans(storage::SeriesId series, const query::SpanQuery& query) override;
    Result<> remove(const std::vector<storage::SeriesId>& series, storage::TimeRange range) override;

  private:
    ControlClient& client_;
    ControlClient& patient_;
};

}  // namespace pomiar::cli
