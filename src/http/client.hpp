// A small blocking HTTP/1.1 client over TCP, TLS or a unix socket. Keeps its connection between requests.
// Thread:  one at a time.
// Errors:  io: cannot connect, cut off, timed out, certificate not trusted; too_large: response past the limit;
//          invalid: bad URL or malformed response. A status such as 404 is not an error.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/headers.hpp"

namespace pomiar::http {

struct ClientOptions {
    Nanoseconds timeout = 10 * kSecond;  // for each connect and each request as a whole
    std::size_t response_bytes_max = 16 * 1024 * 1024;
    bool verify = true;        // of the certificate; never done on loopback addresses unless ca_file is given
    std::string ca_file = {};  // PEM; "": the system's
};

struct ClientResponse {
    int status = 0;
    Headers headers = {};
    std::string body = {};
};

class Client {
  public:
    // "https://localhost:8443", "http://127.0.0.1:8080", "unix:/run/pomiar.sock". Connects at the first request.
    explicit Client(std::string base_url, ClientOptions options = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    // Redirects are not followed. A kept connection that the server has closed meanwhile is opened again, once.
    Result<ClientResponse> request(std::string_view method, std::string_view target, const Headers& headers = {},
                                   std::string_view body = {});
    Result<ClientResponse> get(std::string_view target);
    Result<ClientResponse> post(std::string_view target, std::string_view content_type, std::string_view body,
                                const Headers& headers = {});

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pomiar::http
