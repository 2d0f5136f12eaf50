// The storage engine alone, without HTTP, measured in the directory given; prints JSON.
//   pomiar_engine append DIRECTORY SERIES READINGS            how many readings a second it takes; the directory is new
//   pomiar_engine question DIRECTORY SENSOR FIELD DAYS POINTS how long the last days of a series take; POINTS 0: raw
//   pomiar_engine memory DIRECTORY                            PSS with all that is stored, open and every series read
#include <charconv>
#include <fstream>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "append.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "scan.hpp"
#include "storage/store.hpp"

namespace {

using namespace pomiar;

std::uint64_t number(std::string_view text) {
    std::uint64_t parsed = 0;
    std::from_chars(text.data(), text.data() + text.size(), parsed);
    return parsed;
}

std::uint64_t pss_bytes() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string word; rollup >> word;) {
        if (word != "Pss:") continue;
        std::uint64_t kibibytes = 0;
        rollup >> kibibytes;
        return kibibytes << 10;
    }
    return 0;
}

std::vector<storage::SeriesInfo> all_series(storage::Store& store) {
    std::promise<std::vector<storage::SeriesInfo>> listed;
    store.read([&](storage::Snapshot* snapshot) { listed.set_value(snapshot->series()); });
    return listed.get_future().get();
}

Result<> append(storage::Store& store, const std::vector<std::string_view>& arguments) {
    auto rate = bench::append_rate(store, static_cast<std::uint32_t>(number(arguments[2])), number(arguments[3]));
    if (!rate) return failure(std::move(rate));
    fmt::print("{{\"readings_per_second\": {:.0f}}}\n", *rate);
    return {};
}

Result<> ask(storage::Store& store, const std::vector<std::string_view>& arguments) {
    auto timing = bench::question(store, arguments[2], arguments[3], static_cast<int>(number(arguments[4])),
                                  number(arguments[5]));
    if (!timing) return failure(std::move(timing));
    fmt::print("{{\"milliseconds\": {:.4f}, \"readings\": {}, \"points\": {}}}\n", timing->milliseconds,
               timing->readings, timing->points);
    return {};
}

Result<> memory(storage::Store& store) {
    const std::uint64_t opened = pss_bytes();
    std::size_t readings = 0;
    for (const auto& series : all_series(store)) {
        auto timing = bench::question(store, series.sensor, series.field, 90, 500);
        if (!timing) return failure(std::move(timing));
        readings += timing->readings;
    }
    fmt::print("{{\"opened\": {}, \"read\": {}, \"readings\": {}}}\n", opened, pss_bytes(), readings);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    const std::string_view command = arguments.empty() ? "" : arguments[0];
    const std::size_t wanted = command == "append" ? 4 : command == "question" ? 6 : command == "memory" ? 2 : 0;
    if (wanted == 0 || arguments.size() != wanted) {
        fmt::print(stderr,
                   "usage: pomiar_engine append DIRECTORY SERIES READINGS | question DIRECTORY SENSOR FIELD "
                   "DAYS POINTS | memory DIRECTORY\n");
        return 2;
    }
    const SystemClock clock;
    storage::StoreOptions options;
    options.path = arguments[1];
    auto store = storage::Store::open(options, real_file_system(), clock);
    Result<> done = store ? Result<>() : Result<>(failure(std::move(store)));
    if (done && command == "append") done = append(**store, arguments);
    if (done && command == "question") done = ask(**store, arguments);
    if (done && command == "memory") done = memory(**store);
    if (done) return 0;
    fmt::print(stderr, "pomiar_engine: {}\n", done.error().message);
    return 1;
}
