// HTTP/1.1 responses out of bytes as they come, within a limit; for the client.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "http/client.hpp"

namespace pomiar::http {

class ResponseParser {
  public:
    // is_head: the response answers HEAD, so that no body follows whatever its header says.
    ResponseParser(ClientResponse& into, std::size_t bytes_max, bool is_head);
    ResponseParser(const ResponseParser&) = delete;
    ResponseParser& operator=(const ResponseParser&) = delete;
    ~ResponseParser();

    Result<> feed(std::string_view bytes);
    Result<> end_of_input();  // invalid when the response is not whole
    bool complete() const;
    bool keep_alive() const;

  private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace pomiar::http
