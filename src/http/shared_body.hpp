// One text for many responses, compressed once: when the first client wants it so.
// Thread: made and read on any; gzip() on the loop's, where its responses are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/compression.hpp"

namespace pomiar::http {

class SharedBody {
  public:
    explicit SharedBody(std::string text) : text_(std::move(text)) {}

    std::string_view text() const { return text_; }
    // "" where it would not be smaller, or there is no memory for it.
    std::string_view gzip() const {
        if (!gzip_) {
            gzip_ = http::gzip(text_);
            if (gzip_->size() >= text_.size()) gzip_ = std::string();
        }
        return *gzip_;
    }

  private:
    const std::string text_;
    mutable std::optional<std::string> gzip_;
};

}  // namespace pomiar::http
