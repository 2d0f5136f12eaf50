// Log lines: one each, levelled, to standard error or a file. The library behind (spdlog) stays in log.cpp.
// Thread: any.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace pomiar::log {

enum class Level { debug, info, warning, error, off };

// Nothing below the level is written. Before the first call: warning.
void set_level(Level level);
Level level();

void write(Level level, std::string_view line);

template <class... Args>
void line(Level at, fmt::format_string<Args...> format, Args&&... args) {
    if (at >= level()) write(at, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    line(Level::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    line(Level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    line(Level::warning, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    line(Level::error, format, std::forward<Args>(args)...);
}

}  // namespace pomiar::log
