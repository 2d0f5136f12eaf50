#include "web/api/metrics_text.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

std::string seconds(Nanoseconds length) {
    std::string text;
    append_double(text, static_cast<double>(length) / static_cast<double>(kSecond));
    return text;
}

}  // namespace

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void MetricsText::labelled(std::string_view name, std::string_view label, std::string_view is, std::uint64_t value) {
    out_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, is, value);
}

void MetricsText::counter(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, "counter", help);
    out_ += fmt::format("{} {}\n", name, value);
}

void MetricsText::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, "gauge", help);
    out_ += fmt::format("{} {}\n", name, value);
}

void MetricsText::counter_seconds(std::string_view name, std::string_view help, Nanoseconds value) {
    begin(name, "counter", help);
    out_ += fmt::format("{} {}\n", name, seconds(value));
}

void MetricsText::gauge_seconds(std::string_view name, std::string_view help, Nanoseconds value) {
    begin(name, "gauge", help);
    out_ += fmt::format("{} {}\n", name, seconds(value));
}

void MetricsText::histogram(std::string_view name, std::string_view help, const http::AnswerTimes& times) {
    begin(name, "histogram", help);
    std::uint64_t up_to = 0;  // each bucket counts those below it, too
    for (std::size_t i = 0; i < times.counts.size(); ++i) {
        up_to += times.counts[i];
        const bool last = i == http::AnswerTimes::kBounds.size();
        out_ += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name, last ? "+Inf" : seconds(http::AnswerTimes::kBounds[i]),
                            up_to);
    }
    out_ += fmt::format("{0}_sum {1}\n{0}_count {2}\n", name, seconds(times.sum), up_to);
}

}  // namespace pomiar::web
