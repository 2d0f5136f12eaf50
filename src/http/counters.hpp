// What one loop of a server has counted: its part of ServerStatistics.
// Thread: counted on that loop, read from any.
#pragma once

#include <array>

#include "http/count.hpp"
#include "http/server.hpp"

namespace pomiar::http {

struct Counters {
    Count event_streams;
    Count accepted;
    Count requests;
    Count responses_4xx;
    Count responses_5xx;
    Count overloaded;
    Count timeouts;
    Count handshakes_failed;
    Count crowded_out;
    Count shed;
    std::array<Count, std::tuple_size_v<decltype(ServerStatistics::refusals)>> refusals;
    std::array<Count, std::tuple_size_v<decltype(AnswerTimes::counts)>> times;
    Count times_sum;

    void answered(int status);
    void took(Nanoseconds time);
    void add_to(ServerStatistics& all) const;
};

}  // namespace pomiar::http
