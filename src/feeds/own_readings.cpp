#include "feeds/own_readings.hpp"

#include <algorithm>
#include <cmath>

#include "storage/own_sensor.hpp"

namespace pomiar::feeds {
namespace {

// Decimals that say something: the fewer, the smaller the blocks.
double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}
double mebibytes(std::uint64_t bytes) {
    return rounded(static_cast<double>(bytes) / (1 << 20), 10);
}

// 0 where it has become less.
double growth(std::uint64_t then, std::uint64_t now) {
    return now > then ? static_cast<double>(now - then) : 0;
}

}  // namespace

void OwnReadings::add(const OwnFigures& figures) {
    const Nanoseconds time = figures.time;
    const MachineFigures& machine = figures.machine;
    const ServerFigures& server = figures.server;
    if (machine.cpu_temperature) add("cpu_temperature", time, rounded(*machine.cpu_temperature, 10));
    if (machine.load) add("load", time, *machine.load);
    if (machine.memory) add("memory_mib", time, mebibytes(*machine.memory));
    if (machine.memory_available) add("memory_available_mib", time, mebibytes(*machine.memory_available));
    add("flash_written_mib", time, mebibytes(server.flash_written));
    add("database_mib", time, mebibytes(server.database_bytes));
    if (before_ && figures.monotonic > before_->monotonic) {
        const double seconds = static_cast<double>(figures.monotonic - before_->monotonic) / kSecond;
        const double busy = static_cast<double>(figures.processor_time - before_->processor_time) / kSecond;
        add("cpu_percent", time, rounded(busy / seconds * 100, 10));
        const double more = growth(before_->server.readings_stored, server.readings_stored);
        add("readings_per_second", time, rounded(more / seconds, 100));
    }
    others_reported_ = before_ && before_->server.readings_stored != server.readings_stored;
    before_ = figures;
    ++kept_back_;
}

void OwnReadings::add(std::string_view field, Nanoseconds time, double value) {
    auto known = std::ranges::find(series_, field, &std::pair<std::string_view, std::uint32_t>::first);
    if (known == series_.end()) {
        series_.emplace_back(field, batch_.add_series(storage::kOwnSensor, field));
        known = series_.end() - 1;
    }
    batch_.add(known->second, time, storage::Value::of(value), 1);
}

// The store gives those without a time that of their coming.
bool OwnReadings::is_due() const {
    if (batch_.empty()) return false;
    const bool untimed = before_ && before_->time == storage::kUntimed;
    return others_reported_ || untimed || told_ < kToldAtOnce || kept_back_ >= kKeptBack;
}

storage::Batch OwnReadings::take() {
    told_ += told_ < kToldAtOnce ? 1 : 0;
    kept_back_ = 0;
    series_.clear();
    return std::exchange(batch_, {});
}

}  // namespace pomiar::feeds
