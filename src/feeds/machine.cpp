#include "feeds/machine.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include <fmt/core.h>
#include <time.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"

namespace pomiar::feeds {
namespace {

constexpr int kZonesMax = 16;
constexpr double kHottest = 200;  // °C; what is told past it is no temperature
constexpr double kColdest = -100;

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    return number;
}

bool is_of_processor(std::string_view type) {
    constexpr std::array<std::string_view, 4> kNames{"cpu", "soc", "pkg", "core"};
    const std::string name = lower(type);
    for (const std::string_view each : kNames) {
        if (name.find(each) != std::string::npos) return true;
    }
    return false;
}

// Of the first zone that is named after the processor; else of the first.
std::optional<double> cpu_temperature(const std::string& root) {
    std::optional<double> first;
    for (int zone = 0; zone < kZonesMax; ++zone) {
        const std::string directory = fmt::format("{}/sys/class/thermal/thermal_zone{}", root, zone);
        const std::string type = kernel_text(directory + "/type");
        if (type.empty()) break;
        const auto thousandths = parse_number(kernel_text(directory + "/temp"));
        if (!thousandths) continue;
        const double celsius = *thousandths / 1000;
        if (celsius < kColdest || celsius > kHottest) continue;
        if (is_of_processor(type)) return celsius;
        if (!first) first = celsius;
    }
    return first;
}

}  // namespace

MachineFigures look_at_machine(const std::string& root) {
    MachineFigures figures;
    figures.cpu_temperature = cpu_temperature(root);
    figures.load = parse_number(kernel_text(root + "/proc/loadavg"));
    figures.memory = memory_of_process(root);
    figures.memory_available = parse_kernel_size(kernel_text(root + "/proc/meminfo"), "MemAvailable");
    return figures;
}

Nanoseconds processor_time() {
    timespec time{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
    return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace pomiar::feeds
