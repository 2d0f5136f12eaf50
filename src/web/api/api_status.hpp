// GET /api/v1/status: what the server knows of itself that is of interest to its owner; who may see some sensors only
// is told nothing of the machine. Thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/file_thread.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/context.hpp"

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

// What goes to the card, as whoever counts it tells.
struct FlashState {
    Nanoseconds since;                  // midnight, or the start
    std::uint64_t written;              // bytes, by the server since then
    std::uint64_t disk_written;         // by everything on the data's disk
    std::uint64_t written_in_all;       // since the server's start
    std::uint64_t disk_written_in_all;  // since the machine's
    std::uint64_t disk_bytes;           // how large it is; 0: not known
    std::string mount_point;
    std::string filesystem;
    std::string options;
    std::optional<std::uint64_t> commit_seconds;
    std::string fstab_line;  // what would write less; "": nothing
};
using TellFlash = std::function<FlashState()>;  // reads files: to be called beside the loop

class StatusApi {
  public:
    // `backup` and `flash` may be empty.
    StatusApi(const Context& context, http::FileThread& files, TellBackup backup, TellFlash flash)
        : context_(context), files_(files), backup_(std::move(backup)), flash_(std::move(flash)) {}

    Task<http::Response> get(http::Request& request);

  private:
    Context context_;
    http::FileThread& files_;
    TellBackup backup_;
    TellFlash flash_;
};

}  // namespace pomiar::web
