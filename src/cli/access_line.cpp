#include "cli/access_line.hpp"

#include <fmt/core.h>

#include "http/request.hpp"

namespace pomiar::cli {

std::string access_line(const http::Answered& answered) {
    const Nanoseconds milliseconds = answered.duration / kMillisecond;
    return fmt::format("{} {} {} {}.{:03}", answered.request.peer, answered.status, answered.body_bytes,
                       milliseconds / 1000, milliseconds % 1000);
}

}  // namespace pomiar::cli
