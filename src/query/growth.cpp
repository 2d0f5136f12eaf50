#include "query/growth.hpp"

#include <algorithm>

#include "query/counter.hpp"
#include "query/function.hpp"

namespace pomiar::query {
namespace {

using storage::Readings;
using storage::Summary;
using storage::Value;

class Growing final : public storage::Visitor {
  public:
    explicit Growing(const std::vector<Nanoseconds>& bounds) : bounds_(bounds), spans_(bounds.size() - 1) {}

    bool wants_summaries() const override { return false; }
    bool take(const Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) take(readings.times[i], readings.value(i));
        return true;
    }
    bool take_rolled_up(const Summary& summary) override {
        take(summary.start, Value::of(summary.first));
        if (summary.count > 1) take(summary.end, Value::of(summary.last));
        return true;
    }

    std::vector<Growth> spans() && { return std::move(spans_); }

  private:
    void take(Nanoseconds time, const Value& value) {
        const auto step = counter_.take(time, value);
        if (!step || time < bounds_.front()) return;
        while (span_ < spans_.size() && time >= bounds_[span_ + 1]) ++span_;
        if (span_ == spans_.size()) return;
        spans_[span_].increase += step->increase;
        spans_[span_].seconds += step->seconds;
    }

    const std::vector<Nanoseconds>& bounds_;
    std::vector<Growth> spans_;
    std::size_t span_ = 0;
    Counter counter_;
};

}  // namespace

Result<std::vector<Growth>> counter_growth(storage::Snapshot& snapshot, const storage::SeriesInfo& series,
                                           const std::vector<Nanoseconds>& bounds) {
    if (auto fit = check_functions({Function::rate}, series); !fit) return failure(std::move(fit));
    const Nanoseconds from =
        bounds.front() < storage::kAllTime.from + kDay ? storage::kAllTime.from : bounds.front() - kDay;
    Growing growing(bounds);
    auto scanned = snapshot.scan(series.id, {from, bounds.back()}, growing);
    // What is damaged is missing, as in every figure.
    if (!scanned && scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
    return std::move(growing).spans();
}

}  // namespace pomiar::query
