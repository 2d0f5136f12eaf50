// GET /api/v1/status: what the server knows of itself that is of interest to its owner.
// Thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace pomiar::web {

// The daily backup, as whoever makes it tells.
struct BackupState {
    struct Made {
        std::string file;  // whole path
        Nanoseconds finished;
        std::uint64_t bytes;
    };
    std::string to;
    std::optional<Made> last;
    std::optional<Nanoseconds> next;
    std::string trouble;  // why the one that is due is not there; "": it is
};

// Nothing where no backups are configured.
using TellBackup = std::function<std::optional<BackupState>()>;

class StatusApi {
  public:
    // `backup` may be empty.
    explicit StatusApi(TellBackup backup) : backup_(std::move(backup)) {}

    Task<http::Response> get(http::Request& request);

  private:
    TellBackup backup_;
};

}  // namespace pomiar::web
