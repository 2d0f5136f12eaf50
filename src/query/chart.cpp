#include "query/chart.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "query/ticks.hpp"

namespace pomiar::query {
namespace {

constexpr double kDrawnMax = 1e300;  // larger numbers lie on the edge: differences must stay finite
constexpr int kValueSteps = 4;       // at most, before rounding out
constexpr int kTimeSteps = 5;
constexpr double kGapFactor = 3;

// Tenths, without a needless zero: "12", "12.5", "-0.5".
void append_coordinate(std::string& out, double value) {
    const auto tenths = static_cast<long long>(std::llround(std::clamp(value, -1e9, 1e9) * 10));
    const auto size =
        tenths < 0 ? 0 - static_cast<unsigned long long>(tenths) : static_cast<unsigned long long>(tenths);
    char buffer[24];
    char* at = buffer;
    if (tenths < 0) *at++ = '-';
    at = std::to_chars(at, buffer + sizeof buffer - 2, size / 10).ptr;
    if (size % 10 != 0) {
        *at++ = '.';
        *at++ = static_cast<char>('0' + size % 10);
    }
    out.append(buffer, at);
}

void append_point(std::string& out, char command, double x, double y) {
    out += command;
    append_coordinate(out, x);
    out += ' ';
    append_coordinate(out, y);
}

double drawn(double value) {
    return std::clamp(value, -kDrawnMax, kDrawnMax);
}

struct Scale {
    double low;
    double high;
};

// Maps times and values of a plot to the frame.
class Canvas {
  public:
    Canvas(const Plot& plot, const Frame& frame, Scale scale)
        : range_(plot.range), frame_(frame), scale_(scale), length_(distance(plot.range.to)) {}

    double x(Nanoseconds time, double ahead = 0) const {
        return frame_.left + std::clamp((distance(time) + ahead) / length_, 0.0, 1.0) * frame_.width;
    }
    double y(double value) const {
        return frame_.top + (1 - (drawn(value) - scale_.low) / (scale_.high - scale_.low)) * frame_.height;
    }

  private:
    double distance(Nanoseconds time) const {
        return static_cast<double>(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(range_.from));
    }

    storage::TimeRange range_;
    Frame frame_;
    Scale scale_;
    double length_;
};

bool has_band(const Plot& plot) {
    return plot.low.size() == plot.mean.size() && plot.high.size() == plot.mean.size() && !plot.mean.empty();
}

// Buckets that can be drawn.
std::vector<std::size_t> drawn_buckets(const Plot& plot) {
    std::vector<std::size_t> buckets;
    for (std::size_t i = 0; i < plot.mean.size(); ++i) {
        if (std::isfinite(plot.mean[i])) buckets.push_back(i);
    }
    return buckets;
}

std::uint64_t gap_between(const Plot& plot, std::size_t a, std::size_t b) {
    return static_cast<std::uint64_t>(plot.times[b]) - static_cast<std::uint64_t>(plot.times[a]);
}

// Runs of neighbours without a gap between them: [first, last) in `buckets`.
std::vector<std::pair<std::size_t, std::size_t>> runs_of(const Plot& plot, const std::vector<std::size_t>& buckets) {
    if (buckets.empty()) return {};
    std::vector<std::uint64_t> gaps;
    for (std::size_t i = 1; i < buckets.size(); ++i) gaps.push_back(gap_between(plot, buckets[i - 1], buckets[i]));
    auto usual = static_cast<double>(plot.width);
    if (!gaps.empty()) {
        std::vector<std::uint64_t> sorted = gaps;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        usual = std::max(usual, static_cast<double>(*middle));
    }
    std::vector<std::pair<std::size_t, std::size_t>> runs;
    std::size_t first = 0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        if (static_cast<double>(gaps[i]) <= kGapFactor * usual) continue;
        runs.emplace_back(first, i + 1);
        first = i + 1;
    }
    runs.emplace_back(first, buckets.size());
    return runs;
}

Scale span_of(const Plot& plot, const std::vector<std::size_t>& buckets) {
    Scale scale{drawn(plot.mean[buckets.front()]), drawn(plot.mean[buckets.front()])};
    const auto widen = [&](double value) {
        if (std::isnan(value)) return;
        scale.low = std::min(scale.low, drawn(value));
        scale.high = std::max(scale.high, drawn(value));
    };
    for (const std::size_t i : buckets) {
        widen(plot.mean[i]);
        if (!has_band(plot)) continue;
        widen(plot.low[i]);
        widen(plot.high[i]);
    }
    return scale;
}

// A constant gets room above and below, or it would have no height.
Scale with_height(Scale scale) {
    if (scale.high - scale.low > std::max(std::abs(scale.low), std::abs(scale.high)) * 1e-12) return scale;
    const double room = scale.low == 0 ? 1 : std::abs(scale.low) * 0.05;
    return {scale.low - room, scale.high + room};
}

double value_step(Scale scale) {
    return nice_step(scale.high / kValueSteps - scale.low / kValueSteps);
}

// Out to the next tick, so that grid lines frame the picture.
Scale rounded_out(Scale scale, double step) {
    const Scale wide{std::floor(scale.low / step) * step, std::ceil(scale.high / step) * step};
    return wide.high - wide.low > 0 && std::isfinite(wide.high - wide.low) ? wide : scale;
}

// A run of one is a line of no length: round caps make it a dot.
void append_line(std::string& out, const Plot& plot, const Canvas& canvas, std::span<const std::size_t> run) {
    const double half = static_cast<double>(plot.width) / 2;
    for (std::size_t i = 0; i < run.size(); ++i) {
        append_point(out, i == 0 ? 'M' : 'L', canvas.x(plot.times[run[i]], half), canvas.y(plot.mean[run[i]]));
    }
    if (run.size() == 1) out += "h0";
}

void append_band(std::string& out, const Plot& plot, const Canvas& canvas, std::span<const std::size_t> run) {
    if (run.size() < 2) return;
    const double half = static_cast<double>(plot.width) / 2;
    for (std::size_t i = 0; i < run.size(); ++i) {
        append_point(out, i == 0 ? 'M' : 'L', canvas.x(plot.times[run[i]], half), canvas.y(plot.high[run[i]]));
    }
    for (std::size_t i = run.size(); i-- > 0;) {
        append_point(out, 'L', canvas.x(plot.times[run[i]], half), canvas.y(plot.low[run[i]]));
    }
    out += 'Z';
}

}  // namespace

Chart draw_chart(const Plot& plot, const Frame& frame, Nanoseconds utc_offset) {
    Chart chart;
    const std::vector<std::size_t> buckets = drawn_buckets(plot);
    const Scale tight = buckets.empty() ? Scale{0, 1} : with_height(span_of(plot, buckets));
    const double step = value_step(tight);
    const Scale scale = rounded_out(tight, step);
    const Canvas canvas(plot, frame, scale);
    for (const auto& [first, last] : runs_of(plot, buckets)) {
        const auto run = std::span(buckets).subspan(first, last - first);
        append_line(chart.line, plot, canvas, run);
        if (has_band(plot)) append_band(chart.band, plot, canvas, run);
    }
    if (!buckets.empty()) {
        for (NumberTick& tick : number_ticks(scale.low, scale.high, step)) {
            chart.values.push_back({canvas.y(tick.value), std::move(tick.label)});
        }
    }
    for (TimeTick& tick : time_ticks(plot.range, kTimeSteps, utc_offset)) {
        chart.times.push_back({canvas.x(tick.time), std::move(tick.label)});
    }
    return chart;
}

std::string draw_spark_line(const Plot& plot, const Frame& frame) {
    std::string line;
    const std::vector<std::size_t> buckets = drawn_buckets(plot);
    if (buckets.empty()) return line;
    Plot without_band = plot;
    without_band.low = without_band.high = {};
    const Canvas canvas(plot, frame, with_height(span_of(without_band, buckets)));
    for (const auto& [first, last] : runs_of(plot, buckets)) {
        append_line(line, plot, canvas, std::span(buckets).subspan(first, last - first));
    }
    return line;
}

}  // namespace pomiar::query
