#include "storage/settlement.hpp"

#include <algorithm>

#include "storage/journal/points.hpp"

namespace pomiar::storage {

// What is left of an earlier run of the machine, one that never learnt the time, came before this one was started, and
// as far as anybody can tell right before: its last reading gets the time of the next start.
Settlement::Settlement(const Waiting& waiting, std::string_view boot, std::optional<Nanoseconds> booted,
                       Nanoseconds horizon) {
    if (booted) {
        auto runs = waiting.runs();
        std::ranges::reverse(runs);
        Nanoseconds next_start = *booted;
        for (const Waiting::Run& run : runs) {
            const bool is_this = run.boot == boot;
            if (!is_this) next_start -= run.newest;
            timed_.push_back({run.boot, is_this ? *booted : next_start});
        }
        std::ranges::reverse(timed_);
    }
    if (const auto earliest = waiting.earliest_ahead(); earliest && *earliest <= horizon) until_ = horizon;
}

std::vector<std::string> Settlement::payloads() const {
    std::vector<std::string> payloads;
    payloads.reserve(timed_.size() + 1);
    for (const Timed& timed : timed_) payloads.push_back(timed_payload(timed.boot, timed.booted));
    if (until_) payloads.push_back(come_payload(*until_));
    return payloads;
}

void Settlement::apply(Waiting& waiting, const Waiting::Take& take) const {
    for (const Timed& timed : timed_) waiting.take_untimed(timed.boot, timed.booted, take);
    if (until_) waiting.take_ahead(*until_, take);
}

}  // namespace pomiar::storage
