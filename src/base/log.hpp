// Log lines: one each, levelled. To standard error, at once, until somebody takes them: a server's log::Writer does.
// Thread: any.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace pomiar::log {

enum class Level { debug, info, warning, error, off };

// Nothing below the level is written. Before the first call: warning.
void set_level(Level level);
Level level();

enum class Urgency : std::uint8_t { now, held };  // held: may wait for others to come together

// Who takes the lines. Called by any thread, one at a time; must neither block nor log.
class Sink {
  public:
    virtual ~Sink() = default;
    // line: whole and clean, with its line end.
    virtual void take(std::string_view line, Urgency urgency) = 0;
};

// From here on `sink` takes the lines; it must stay until another does, or nullptr: standard error.
void set_sink(Sink* sink);

// A message as a line of its own, with time and level; see log_line.hpp. Warnings and errors are urgent.
void write(Level level, std::string_view message);
// A line as it is, apart from what no line may hold. Not levelled, not urgent.
void write_access(std::string_view line);

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
