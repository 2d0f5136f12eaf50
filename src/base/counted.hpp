// One more of something, as long as this lives.
// Thread: that of the count, which outlives it.
#pragma once

#include <cstddef>

namespace pomiar {

class Counted {
  public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count_; }

  private:
    std::size_t& count_;
};

}  // namespace pomiar
