#include "web/pages/spark_cache.hpp"

#include <utility>

#include "query/aggregate.hpp"
#include "query/chart.hpp"

namespace pomiar::web {
namespace {

constexpr std::uint32_t kSteps = 48;
constexpr Nanoseconds kStep = kDay / kSteps;
constexpr query::Frame kFrame{1, 2, 94, 20};  // inside 96 by 24, with room for the line's own width

std::string draw(storage::Snapshot& snapshot, const storage::SeriesInfo& series, Nanoseconds now) {
    if (series.type == storage::SeriesType::text) return {};
    // Whole half hours, so that the points of a line stay the same from one minute to the next.
    const Nanoseconds to = (now / kStep + 1) * kStep;
    const storage::TimeRange range{to - kDay, to};
    const auto buckets = query::aggregate(snapshot, series, {range, kSteps, {query::Function::mean}});
    if (!buckets || buckets->times.size() < 2) return {};
    const std::vector<double> means = buckets->as_doubles(0);
    return query::draw_spark_line({range, buckets->width, buckets->times, means, {}, {}}, kFrame);
}

}  // namespace

const std::string& SparkCache::line(storage::Snapshot& snapshot, const storage::SeriesInfo& series, Nanoseconds now) {
    if (std::exchange(removals_, snapshot.removals()) != removals_) {
        for (auto& [id, kept] : kept_) kept.made = 0;
    }
    if (kept_.size() >= kKeptMax && !kept_.contains(series.id)) kept_.clear();
    auto [entry, is_new] = kept_.try_emplace(series.id);
    Kept& kept = entry->second;
    const bool old = now - kept.made >= kLifetime || now < kept.made;
    if (is_new || (old && renewed_ < kRenewedPerPage)) {
        if (!is_new) ++renewed_;
        kept = {draw(snapshot, series, now), now};
    }
    return kept.line;
}

}  // namespace pomiar::web
