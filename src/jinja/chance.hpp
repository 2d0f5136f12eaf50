// A row of numbers that look random: for the filter random and lipsum. It is no secret and guards nothing.
#pragma once

#include <cstdint>

namespace pomiar::jinja {

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    // From 0 to below `end`, which is more than 0. (SplitMix64; what the remainder favours is past noticing.)
    std::uint64_t below(std::uint64_t end) {
        std::uint64_t bits = state_ += 0x9e3779b97f4a7c15u;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
        return (bits ^ (bits >> 31)) % end;
    }

  private:
    std::uint64_t state_;
};

}  // namespace pomiar::jinja
