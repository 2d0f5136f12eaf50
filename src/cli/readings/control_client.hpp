// A command's end of the control socket: asks the running server, and again while it is busy.
// Thread: one; calls wait for their answer.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace pomiar::cli {

class ControlClient {
  public:
    // timeout: of an answer.
    ControlClient(const std::string& socket_path, Nanoseconds timeout);

    // An answer of status 200. Errors: those of the connection; unavailable with the server's words for another status.
    Result<http::ClientResponse> ask(std::string_view method, std::string_view target, const std::string& body,
                                     const http::Headers& headers = {});

  private:
    http::Client client_;
};

}  // namespace pomiar::cli
