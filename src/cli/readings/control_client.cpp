#include "cli/readings/control_client.hpp"

#include <thread>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/readings/busy.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kResponseBytesMax = 8u << 20;

}  // namespace

ControlClient::ControlClient(const std::string& socket_path, Nanoseconds timeout)
    : client_("unix:" + socket_path, {.timeout = timeout, .response_bytes_max = kResponseBytesMax}) {}

Result<http::ClientResponse> ControlClient::ask(std::string_view method, std::string_view target,
                                                const std::string& body, const http::Headers& headers) {
    for (int tries = 0;; ++tries) {
        auto response = client_.request(method, target, headers, body);
        if (!response) return response;
        if (response->status == 200) return response;
        if (response->status != 503 || tries >= kBusyTriesMax) {
            return failure(ErrorKind::unavailable,
                           fmt::format("the server answered {}: {}", response->status, trim(response->body)));
        }
        std::this_thread::sleep_for(kBusyPause);
    }
}

}  // namespace pomiar::cli
