// Prometheus' text format, version 0.0.4, as it is written down.
// Promise: each name has its HELP and TYPE, once, before its values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "http/answer_times.hpp"

namespace pomiar::web {

class MetricsText {
  public:
    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

    // Only ever grows.
    void counter(std::string_view name, std::string_view help, std::uint64_t value);
    void gauge(std::string_view name, std::string_view help, std::uint64_t value);
    void counter_seconds(std::string_view name, std::string_view help, Nanoseconds value);
    void gauge_seconds(std::string_view name, std::string_view help, Nanoseconds value);
    void histogram(std::string_view name, std::string_view help, const http::AnswerTimes& times);

    // Several values of one name: begin it, then give each with its label.
    void begin(std::string_view name, std::string_view type, std::string_view help);
    void labelled(std::string_view name, std::string_view label, std::string_view is, std::uint64_t value);

    std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

}  // namespace pomiar::web
