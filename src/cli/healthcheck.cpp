// pomiar healthcheck: asks the server of this data directory, through its own socket.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/readings/gateway.hpp"
#include "http/client.hpp"

namespace pomiar::cli {

Result<int> healthcheck(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const std::string& directory = loaded->configuration.storage.path;
    http::Client client("unix:" + control_socket_path(directory), {.timeout = 5 * kSecond});
    const auto response = client.get("/healthz");
    if (!response) {
        return failure(ErrorKind::unavailable,
                       fmt::format("no server answers for {}: {}", directory, response.error().message));
    }
    if (response->status != 200)
        return failure(ErrorKind::unavailable, fmt::format("the server is not healthy: {}", trim(response->body)));
    fmt::print("{}\n", trim(response->body));
    return kExitDone;
}

}  // namespace pomiar::cli
