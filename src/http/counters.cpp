#include "http/counters.hpp"

namespace pomiar::http {

void Counters::answered(int status) {
    ++requests;
    if (status >= 500) {
        ++responses_5xx;
    } else if (status >= 400) {
        ++responses_4xx;
    }
    const auto refusal = static_cast<std::size_t>(status - ServerStatistics::kRefusalFrom);
    if (refusal < refusals.size()) ++refusals[refusal];
}

void Counters::took(Nanoseconds time) {
    ++times[AnswerTimes::bucket(time)];
    times_sum.add(static_cast<std::uint64_t>(time));
}

void Counters::add_to(ServerStatistics& all) const {
    all.event_streams += static_cast<std::size_t>(event_streams.get());
    all.accepted += accepted.get();
    all.requests += requests.get();
    all.responses_4xx += responses_4xx.get();
    all.responses_5xx += responses_5xx.get();
    all.overloaded += overloaded.get();
    all.timeouts += timeouts.get();
    all.handshakes_failed += handshakes_failed.get();
    all.crowded_out += crowded_out.get();
    all.shed += shed.get();
    for (std::size_t i = 0; i < refusals.size(); ++i) all.refusals[i] += refusals[i].get();
    for (std::size_t i = 0; i < times.size(); ++i) all.times.counts[i] += times[i].get();
    all.times.sum += static_cast<Nanoseconds>(times_sum.get());
}

}  // namespace pomiar::http
