#include "scan.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <vector>

#include "query/aggregate.hpp"

namespace pomiar::bench {
namespace {

constexpr int kRuns = 21;

// Takes every reading, as a page of raw readings would.
class Count final : public storage::Visitor {
  public:
    bool take(const storage::Summary&) override { return false; }
    bool take(const storage::Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) sum += readings.value(i).as_double();
        count += last - first;
        return true;
    }
    std::size_t count = 0;
    double sum = 0;
};

Result<Timing> ask(storage::Snapshot& snapshot, const storage::SeriesInfo& series, storage::TimeRange range,
                   std::size_t points) {
    Timing timing;
    if (points == 0) {
        Count all;
        if (auto scanned = snapshot.scan(series.id, range, all); !scanned) return failure(std::move(scanned));
        timing.readings = timing.points = all.count;
        return timing;
    }
    auto buckets = query::aggregate(
        snapshot, series, {range, static_cast<std::uint32_t>(points), {query::Function::mean, query::Function::count}});
    if (!buckets) return failure(std::move(buckets));
    timing.points = buckets->times.size();
    for (double count : buckets->as_doubles(1)) timing.readings += static_cast<std::size_t>(count);
    return timing;
}

Result<Timing> timed(storage::Snapshot& snapshot, std::string_view sensor, std::string_view field, int days,
                     std::size_t points) {
    const auto series = snapshot.find(sensor, field);
    if (!series) return failure(ErrorKind::not_found, "there is no such series");
    const auto extent = snapshot.extent(series->id);
    if (!extent) return failure(Result<std::optional<storage::TimeRange>>(extent));
    if (!*extent) return failure(ErrorKind::not_found, "the series is empty");
    const storage::TimeRange range{(*extent)->to + 1 - days * kDay, (*extent)->to + 1};
    std::vector<double> took;
    Timing timing;
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        auto answer = ask(snapshot, *series, range, points);
        if (!answer) return answer;
        took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        timing = *answer;
    }
    std::nth_element(took.begin(), took.begin() + kRuns / 2, took.end());
    timing.milliseconds = took[kRuns / 2];
    return timing;
}

}  // namespace

Result<Timing> question(storage::Store& store, std::string_view sensor, std::string_view field, int days,
                        std::size_t points) {
    std::promise<Result<Timing>> answered;
    store.read([&](storage::Snapshot* snapshot) { answered.set_value(timed(*snapshot, sensor, field, days, points)); });
    return answered.get_future().get();
}

}  // namespace pomiar::bench
