#include "base/log.hpp"

#include <atomic>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/log_line.hpp"
#include "base/standard_error.hpp"

namespace pomiar::log {
namespace {

std::atomic<Level> current_level{Level::warning};
std::mutex sink_mutex;
Sink* current_sink = nullptr;  // under the mutex

void hand_over(std::string_view line, Urgency urgency) {
    const std::lock_guard lock(sink_mutex);
    if (current_sink != nullptr) {
        current_sink->take(line, urgency);
    } else {
        (void)write_to_standard_error(line);  // there is nobody left to tell
    }
}

}  // namespace

void set_level(Level level) {
    current_level.store(level, std::memory_order_relaxed);
}
Level level() {
    return current_level.load(std::memory_order_relaxed);
}

void set_sink(Sink* sink) {
    const std::lock_guard lock(sink_mutex);
    current_sink = sink;
}

void write(Level level, std::string_view message) {
    const std::string line = line_of(level, message, SystemClock().now());
    hand_over(line, level >= Level::warning ? Urgency::now : Urgency::held);
}

void write_access(std::string_view text) {
    std::string line;
    append_clean(line, text);
    hand_over(line += '\n', Urgency::held);
}

}  // namespace pomiar::log
