// A number that one thread counts and any thread may read: as cheap as a plain one.
#pragma once

#include <atomic>
#include <cstdint>

namespace pomiar::http {

class Count {
  public:
    Count() = default;
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() = default;

    void operator++() { add(1); }
    void operator--() { add(~std::uint64_t{0}); }
    void add(std::uint64_t more) { value_.store(get() + more, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_ = 0;
};

}  // namespace pomiar::http
