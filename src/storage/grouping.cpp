#include "storage/grouping.hpp"

#include <algorithm>

namespace pomiar::storage {
namespace {

constexpr std::size_t kFounders = 32;          // looked at: series that report together were created together
constexpr std::size_t kSample = 48;            // readings that are compared
constexpr std::uint64_t kToleranceParts = 32;  // of a founder's step: so near must a time be to one of the founder's
constexpr std::size_t kWanted = 5;             // of kOf readings must be
constexpr std::size_t kOf = 6;

std::uint64_t distance(Nanoseconds a, Nanoseconds b) {
    return a > b ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)
                 : static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
}

// From the middle.
std::span<const Nanoseconds> sample_of(std::span<const Nanoseconds> times) {
    const std::size_t size = std::min(times.size(), kSample);
    return times.subspan((times.size() - size) / 2, size);
}

std::uint64_t median_step(std::span<const Nanoseconds> times) {
    std::vector<std::uint64_t> steps;
    for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(distance(times[i], times[i - 1]));
    if (steps.empty()) return 0;
    const auto median = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), median, steps.end());
    return *median;
}

}  // namespace

void Grouping::add(GroupId group, std::size_t members, std::vector<Nanoseconds> times) {
    const std::uint64_t step = median_step(sample_of(times));
    founders_.push_back({group, members, step, std::move(times)});
    if (founders_.size() > kFounders) founders_.pop_front();
}

bool Grouping::together(const Founder& founder, std::span<const Nanoseconds> times) {
    if (founder.times.size() < kGroupedReadingsMin) return false;
    if (times.size() > 2 * founder.times.size() || founder.times.size() > 2 * times.size()) return false;
    const auto sample = sample_of(times);
    const auto near = [&](Nanoseconds time) {
        const auto after = std::ranges::lower_bound(founder.times, time);
        const std::uint64_t tolerance = founder.step / kToleranceParts;
        return (after != founder.times.end() && distance(*after, time) <= tolerance) ||
               (after != founder.times.begin() && distance(*(after - 1), time) <= tolerance);
    };
    const auto found = static_cast<std::size_t>(std::ranges::count_if(sample, near));
    return found * kOf >= sample.size() * kWanted;
}

GroupId Grouping::place(SeriesId series, const std::vector<Nanoseconds>& times) {
    if (times.size() >= kGroupedReadingsMin) {
        for (auto founder = founders_.rbegin(); founder != founders_.rend(); ++founder) {
            if (founder->members >= kGroupMembersMax || !together(*founder, times)) continue;
            ++founder->members;
            return founder->group;
        }
    }
    add(series, 1, times);
    return series;
}

}  // namespace pomiar::storage
