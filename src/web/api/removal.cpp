#include "web/api/removal.hpp"

#include <algorithm>
#include <utility>

#include "query/raw.hpp"

namespace pomiar::web {
namespace {

using storage::Readings;
using storage::Summary;
using storage::TimeRange;

constexpr Nanoseconds kLongestSpan = kDay;  // of a roll-up

// Copies one series as long as all together stays small; from then on it only counts.
class Gathering final : public storage::Visitor {
  public:
    Gathering(RemovalPlan& plan, std::size_t bytes_before) : plan_(plan), bytes_(bytes_before) {}

    bool wants_summaries() const override { return !plan_.is_exact; }
    bool take(const Summary& summary) override {
        if (plan_.is_exact) return false;
        count(summary.count, summary.end);
        return true;
    }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        count(last - first, readings.times[last - 1]);
        for (std::size_t i = first; i < last && plan_.is_exact; ++i) {
            copy_.push(readings.times[i], readings.value(i));
            bytes_ += kBytesEach + readings.value(i).text.size();
            if (!RemovedReadings::fits(plan_.count, bytes_)) give_up();
        }
        return true;
    }
    bool take_rolled_up(const Summary& summary) override {
        count(summary.count, summary.end);
        give_up();
        return true;
    }

    std::size_t bytes() const { return bytes_; }
    Readings copy() { return std::move(copy_); }

  private:
    static constexpr std::size_t kBytesEach = sizeof(Nanoseconds) + sizeof(std::uint64_t) + 1;

    void count(std::uint64_t more, Nanoseconds until) {
        plan_.newest = plan_.count == 0 ? until : std::max(plan_.newest, until);
        plan_.count += more;
    }
    void give_up() {
        plan_.is_exact = false;
        plan_.copy = {};
        copy_ = {};
    }

    RemovalPlan& plan_;
    Readings copy_;
    std::size_t bytes_;
};

// Whether a roll-up begins before a time and reaches to it: it goes with what comes from there on.
class Reaching final : public storage::Visitor {
  public:
    explicit Reaching(Nanoseconds time) : time_(time) {}
    bool take(const Summary&) override { return true; }  // it ends before
    bool take(const Readings&, std::size_t, std::size_t) override { return true; }
    bool take_rolled_up(const Summary& summary) override {
        found_ = summary.end >= time_;
        return !found_;
    }
    bool found() const { return found_; }

  private:
    Nanoseconds time_;
    bool found_ = false;
};

// What cannot be read cannot be brought back; it may be removed all the same.
Result<> look(storage::Snapshot& snapshot, storage::SeriesId series, TimeRange range, storage::Visitor& visitor,
              RemovalPlan& plan) {
    auto scanned = snapshot.scan(series, range, visitor);
    if (scanned || scanned.error().kind != ErrorKind::corrupt) return scanned;
    plan.is_exact = false;
    plan.copy = {};
    return {};
}

}  // namespace

Result<RemovalPlan> plan_removal(storage::Snapshot& snapshot, const RemovalQuery& query) {
    RemovalPlan plan;
    plan.version = snapshot.version();
    auto series = query::select_series(snapshot, query.sensor, query.field, query.only);
    if (!series) return failure(std::move(series));
    plan.series = std::move(*series);
    std::size_t bytes = 0;
    for (const storage::SeriesInfo& info : plan.series) {
        bytes += sizeof(Removed::Series) + info.sensor.size() + info.field.size();
        Gathering gathering(plan, bytes);
        if (auto r = look(snapshot, info.id, query.range, gathering, plan); !r) return failure(std::move(r));
        bytes = gathering.bytes();
        if (plan.is_exact && query.range.from > storage::kAllTime.from + kLongestSpan) {
            Reaching reaching(query.range.from);
            const TimeRange before{query.range.from - kLongestSpan, query.range.from};
            if (auto r = look(snapshot, info.id, before, reaching, plan); !r) return failure(std::move(r));
            if (reaching.found()) plan.is_exact = false;
        }
        if (plan.is_exact) plan.copy.series.push_back({info.sensor, info.field, gathering.copy()});
    }
    if (!plan.is_exact) plan.copy = {};
    std::erase_if(plan.copy.series, [](const Removed::Series& each) { return each.readings.empty(); });
    return plan;
}

}  // namespace pomiar::web
