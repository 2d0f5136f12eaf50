// What was written to a store and when it was promised, to be held against what a fault left of it.
// Moments are counts of changes to the disk: a fault after `n` of them.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "storage/value.hpp"

namespace pomiar::storage::test {

using Key = std::pair<std::string, Nanoseconds>;  // sensor, time
using Found = std::map<Key, std::string>;         // values as text, see text_of

std::string text_of(const Value& value);

enum class Promise {
    answered,  // survives the death of the process
    durable,   // and a power cut
};

class History {
  public:
    using Moment = std::uint64_t;
    static constexpr Moment kNever = std::numeric_limits<Moment>::max();

    void begin(const Key& key, const Value& value, Moment now);
    // All that was begun since the last of these two.
    void answer(Moment now);
    void refuse();
    // All that was answered.
    void make_durable(Moment now);

    // As it stood at that moment, for a history that goes on after a power cut there: what was only answered may be
    // gone.
    History until(Moment end) const;

    // What is missing, wrong or was never written; at most a few lines.
    std::vector<std::string> complaints(const Found& found, Moment moment, Promise promise) const;

    std::size_t size() const { return writes_.size(); }

  private:
    struct Write {
        std::string value;
        Moment begun;
        Moment answered = kNever;
        Moment durable = kNever;
    };

    std::map<Key, std::vector<Write>> writes_;
    std::vector<std::pair<Key, std::size_t>> waiting_;
};

}  // namespace pomiar::storage::test
