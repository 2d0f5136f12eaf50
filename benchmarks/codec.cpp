// Size and speed of the block codec: bench_codec [--each] FILE... with line protocol or CSV (ts_ms,series,value), also
// gzipped. For each file and block length: bytes per reading, millions of readings encoded and decoded a second on one
// core; with --each also for every series. Exit status 1 when a reading did not come back as it was.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <time.h>
#include <zlib.h>

#include "storage/codec/block.hpp"
#include "storage/codec/times.hpp"

namespace {

using namespace pomiar;
using namespace pomiar::storage;

using Columns = std::map<std::string, Readings, std::less<>>;

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr std::size_t kBlocks[] = {500, 1000, 4000, 16'000, kBlockReadingsMax};
constexpr std::size_t kEachBlock = 4000;

Value parse_value(std::string_view text) {
    if (text.ends_with('i')) {
        std::int64_t whole = 0;
        std::from_chars(text.data(), text.data() + text.size() - 1, whole);
        return Value::of(whole);
    }
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return Value::of(number);
}

void add(Columns& columns, std::string_view series, std::string_view time, Nanoseconds unit, std::string_view value) {
    Nanoseconds at = 0;
    std::from_chars(time.data(), time.data() + time.size(), at);
    auto found = columns.find(series);
    if (found == columns.end()) found = columns.emplace(series, Readings{}).first;
    found->second.push(at * unit, parse_value(value));
}

void add_line(Columns& columns, std::string_view line) {
    if (const std::size_t field = line.find(" value="); field != std::string_view::npos) {
        const std::size_t space = line.rfind(' ');
        add(columns, line.substr(0, field), line.substr(space + 1), 1, line.substr(field + 7, space - field - 7));
        return;
    }
    const std::size_t first = line.find(',');
    const std::size_t last = line.rfind(',');
    if (first == last || line.starts_with("ts_ms")) return;
    add(columns, line.substr(first + 1, last - first - 1), line.substr(0, first), kMillisecond, line.substr(last + 1));
}

Columns load_columns(const char* path) {
    Columns columns;
    gzFile file = gzopen(path, "rb");
    if (file == nullptr) return columns;
    char buffer[4096];
    while (gzgets(file, buffer, sizeof buffer) != nullptr) {
        std::string_view line = buffer;
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        add_line(columns, line);
    }
    gzclose(file);
    return columns;
}

struct Figures {
    std::size_t readings = 0;
    std::size_t bytes = 0;
    std::size_t time_bytes = 0;
    double encode_seconds = 0;
    double decode_seconds = 0;
    bool exact = true;
};

// Seconds of this thread's own work, so that other work on the machine does not count.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class T>
bool same(const std::vector<T>& decoded, const std::vector<T>& all, std::size_t first) {
    return std::equal(decoded.begin(), decoded.end(), all.begin() + static_cast<std::ptrdiff_t>(first));
}

void measure_block(const Readings& readings, std::size_t first, std::size_t last, Figures& figures) {
    constexpr int kRounds = 3;
    static Readings back;
    std::string bytes;
    const double start = now();
    encode_block(std::array{BlockColumn{1, readings, first, last}}, bytes);
    const double encoded = now();
    for (int i = 0; i < kRounds; ++i) {
        const auto view = BlockView::open(bytes);
        figures.exact = view && view->read(0, back).has_value() && figures.exact;
    }
    figures.decode_seconds += (now() - encoded) / kRounds;
    figures.encode_seconds += encoded - start;
    figures.readings += last - first;
    figures.bytes += bytes.size();
    figures.exact = figures.exact && back.size() == last - first && same(back.times, readings.times, first) &&
                    same(back.bits, readings.bits, first) && same(back.kinds, readings.kinds, first);
    std::string times;
    codec::encode_times(std::span(readings.times).subspan(first, last - first), times);
    figures.time_bytes += times.size();
}

void measure(const Readings& readings, std::size_t block, Figures& figures) {
    for (std::size_t first = 0; first < readings.size(); first += block) {
        measure_block(readings, first, std::min(first + block, readings.size()), figures);
    }
}

void print(std::string_view what, std::size_t block, const Figures& figures) {
    const auto count = static_cast<double>(figures.readings);
    fmt::print("{:<44} {:>6} {:>9} readings  {:.4f} B each (times {:.4f})  encode {:6.1f} M/s  decode {:6.1f} M/s{}\n",
               what, block, figures.readings, static_cast<double>(figures.bytes) / count,
               static_cast<double>(figures.time_bytes) / count, count / figures.encode_seconds / 1e6,
               count / figures.decode_seconds / 1e6, figures.exact ? "" : "  WRONG");
}

bool run(const char* path, bool each) {
    const Columns columns = load_columns(path);
    bool exact = !columns.empty();
    for (const std::size_t block : kBlocks) {
        Figures all;
        for (const auto& [name, readings] : columns) measure(readings, block, all);
        print(std::string_view(path).substr(std::string_view(path).rfind('/') + 1), block, all);
        exact = exact && all.exact;
    }
    for (const auto& [name, readings] : columns) {
        if (!each) break;
        Figures one;
        measure(readings, kEachBlock, one);
        print(name, kEachBlock, one);
    }
    return exact;
}

}  // namespace

int main(int count, char** arguments) {
    bool exact = true;
    bool each = false;
    for (int i = 1; i < count; ++i) {
        if (std::string_view(arguments[i]) == "--each") {
            each = true;
        } else {
            exact = run(arguments[i], each) && exact;
        }
    }
    return exact ? 0 : 1;
}
