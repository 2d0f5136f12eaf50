// The way to the readings of a data directory: through the server that runs on it, or straight into its store.
// Thread: one; calls wait for their answer.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "cli/config/configuration.hpp"
#include "cli/readings/export_page.hpp"
#include "sql/source.hpp"
#include "storage/batch.hpp"
#include "storage/store.hpp"

namespace pomiar::cli {

class Gateway {
  public:
    virtual ~Gateway() = default;
    // As Store::append; waits and tries again while the store is busy.
    virtual Result<storage::AppendOutcome> append(storage::Batch batch) = 0;
    virtual Result<ExportPage> page(const ExportRequest& request) = 0;
    // As Store::seal.
    virtual Result<> seal() = 0;
    // For SQL; part of the gateway.
    virtual sql::Source& rows() = 0;
};

// Asks the server's socket first. Without one, opens the store (and makes the directory if `create`). Errors: conflict,
// when another program is at the store; not_found.
enum class IfMissing { create, fail };
Result<std::unique_ptr<Gateway>> open_gateway(const Configuration& configuration, IfMissing missing);

// What the store may use, planned from memory.limit.
storage::StoreOptions store_options(const Configuration& configuration);

// The server's own socket: same user, all rights. docs/decisions/0006-control-socket.md
std::string control_socket_path(const std::string& directory);
bool answers(const std::string& socket_path);

}  // namespace pomiar::cli
