// The newest readings of one series, in memory until they are sealed. In the order they came; sorted when somebody
// looks. Thread: none of its own; the store guards it.
#pragma once

#include <optional>

#include "storage/readings.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

class Head {
  public:
    // Returns how many bytes of memory more it has.
    std::size_t push(Nanoseconds time, const Value& value);
    // Its readings as a head of their own; what was the latest is still known here.
    Head take();

    // Forgets the readings in the range; the latest is that of the others here, if it was one of them. Returns how many
    // bytes of memory less there are.
    std::size_t remove(TimeRange range);

    // Readings in the range, times strictly ascending, of equal times the last that came.
    Readings sorted(TimeRange range) const;
    // The same of all, without the values.
    std::vector<Nanoseconds> sorted_times() const;

    // Times of the first and last; nothing when it is empty.
    std::optional<TimeRange> extent() const;

    std::size_t size() const { return readings_.size(); }
    std::size_t text_bytes() const { return readings_.text.size(); }
    bool empty() const { return readings_.empty(); }
    // The reading with the greatest time that ever came here, sealed since or not, but for those removed.
    const std::optional<Latest>& latest() const { return latest_; }
    // One that came here and was taken with the others.
    void know(Nanoseconds time, const Value& value) { note_latest(time, value); }

  private:
    void note_latest(Nanoseconds time, const Value& value);

    Readings readings_;
    bool ordered_ = true;  // strictly ascending
    std::optional<Latest> latest_;
};

// Copies rows [first, last) of one to the end of another.
void append_rows(const Readings& from, std::size_t first, std::size_t last, Readings& to);

// Two strictly ascending columns into one; of equal times `newer` wins.
Readings merge(const Readings& older, const Readings& newer);

}  // namespace pomiar::storage
