// Rows for SQL out of a running server, through its control socket. Borrows the client. Thread: as the client.
#pragma once

#include "cli/readings/control_client.hpp"
#include "sql/source.hpp"

namespace pomiar::cli {

class RemoteSource final : public sql::Source {
  public:
    explicit RemoteSource(ControlClient& client) : client_(client) {}

    Result<std::vector<storage::SeriesInfo>> series() override;
    Result<query::Page> rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) override;
    Result<std::uint64_t> remove(const storage::SeriesInfo& series, storage::TimeRange range) override;

  private:
    ControlClient& client_;
};

}  // namespace pomiar::cli
