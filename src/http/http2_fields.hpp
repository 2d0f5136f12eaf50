// The head of a response as HTTP/2 sends it (RFC 9113 section 8.3.2): fields for nghttp2, names in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "http/response.hpp"

namespace pomiar::http {

class Http2Fields {
  public:
    // content_length: nothing for a body without an end, or none. The response must stay as long as this.
    Http2Fields(const Response& response, std::optional<std::uint64_t> content_length, std::string_view date);
    Http2Fields(const Http2Fields&) = delete;
    Http2Fields& operator=(const Http2Fields&) = delete;

    std::span<const nghttp2_nv> all() const { return fields_; }

  private:
    void add(std::string_view name, std::string_view value);

    std::string text_;  // lower-case names and numbers; never grows past what is reserved, as fields point into it
    std::vector<nghttp2_nv> fields_;
};

}  // namespace pomiar::http
