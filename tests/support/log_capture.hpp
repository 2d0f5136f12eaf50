// Takes the log's lines for as long as it lives.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace pomiar::test {

class LogCapture final : public log::Sink {
  public:
    LogCapture() { log::set_sink(this); }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture() override { log::set_sink(nullptr); }

    void take(std::string_view line, log::Urgency) override {
        const std::lock_guard lock(mutex_);
        text_ += line;
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_;
};

}  // namespace pomiar::test
