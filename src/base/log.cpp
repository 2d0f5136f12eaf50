#include "base/log.hpp"

#include <atomic>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace pomiar::log {
namespace {

std::atomic<Level> current_level{Level::warning};

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            break;
    }
    return spdlog::level::off;
}

spdlog::logger& logger() {
    static spdlog::logger instance = [] {
        spdlog::logger made("pomiar", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made.set_level(spdlog::level::trace);
        made.flush_on(spdlog::level::warn);
        return made;
    }();
    return instance;
}

}  // namespace

void set_level(Level level) {
    current_level.store(level, std::memory_order_relaxed);
}
Level level() {
    return current_level.load(std::memory_order_relaxed);
}
void write(Level level, std::string_view line) {
    logger().log(to_spdlog(level), line);
}

}  // namespace pomiar::log
