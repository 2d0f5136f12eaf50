// Which series report together: the sensors of one device send their readings in one message, so their times tell each
// other. Such series are a group; their readings stand in common blocks. A series is put into a group once, when its
// first readings are sealed, by what their times look like then.
// Thread: none of its own. Memory: the times of the last few founders.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "storage/readings.hpp"

namespace pomiar::storage {

// The id of the series that founded it.
using GroupId = SeriesId;

inline constexpr std::size_t kGroupMembersMax = 16;
// With fewer readings a series stays alone for now.
inline constexpr std::size_t kGroupedReadingsMin = 8;

class Grouping {
  public:
    // A group that is there already, and the times of its founder's readings that are sealed now, ascending.
    void add(GroupId group, std::size_t members, std::vector<Nanoseconds> times);
    // The group for a series with these times: one of those added last, or a new one, which is then added.
    GroupId place(SeriesId series, const std::vector<Nanoseconds>& times);

  private:
    struct Founder {
        GroupId group;
        std::size_t members;
        std::uint64_t step;  // median
        std::vector<Nanoseconds> times;
    };
    static bool together(const Founder& founder, std::span<const Nanoseconds> times);

    std::deque<Founder> founders_;  // the latest at the end
};

}  // namespace pomiar::storage
