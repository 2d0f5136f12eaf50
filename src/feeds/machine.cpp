#include "feeds/machine.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <time.h>

#include "base/text.hpp"

namespace pomiar::feeds {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{8} * 1024;
constexpr int kZonesMax = 16;
constexpr double kHottest = 200;  // °C; what is told past it is no temperature
constexpr double kColdest = -100;

// "": there is no such file, or it cannot be read.
std::string read_small(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
    if (!file) return {};
    std::string text(kFileBytesMax, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    return text;
}

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
        const std::string type = read_small(directory + "/type");
        if (type.empty()) break;
        const auto thousandths = parse_number(read_small(directory + "/temp"));
        if (!thousandths) continue;
        const double celsius = *thousandths / 1000;
        if (celsius < kColdest || celsius > kHottest) continue;
        if (is_of_processor(type)) return celsius;
        if (!first) first = celsius;
    }
    return first;
}

}  // namespace

std::optional<std::uint64_t> parse_memory(std::string_view text, std::string_view name) {
    for (std::string_view line : split(text, '\n')) {
        if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
        line = trim(line.substr(name.size() + 1));
        const auto kib = parse_uint64(line.substr(0, line.find(' ')));
        if (!kib || !line.ends_with(" kB")) return std::nullopt;
        return *kib * 1024;
    }
    return std::nullopt;
}

MachineFigures look_at_machine(const std::string& root) {
    MachineFigures figures;
    figures.cpu_temperature = cpu_temperature(root);
    figures.load = parse_number(read_small(root + "/proc/loadavg"));
    figures.memory = parse_memory(read_small(root + "/proc/self/smaps_rollup"), "Pss");
    if (!figures.memory) figures.memory = parse_memory(read_small(root + "/proc/self/status"), "VmRSS");
    figures.memory_available = parse_memory(read_small(root + "/proc/meminfo"), "MemAvailable");
    return figures;
}

Nanoseconds processor_time() {
    timespec time{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
    return time.tv_sec * kSecond + time.tv_nsec;
}

}  // namespace pomiar::feeds
