// So much of something that several threads share: what is taken must be given back.
// Thread: any.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace pomiar {

class Allotment {
  public:
    explicit Allotment(std::size_t all) : all_(all) {}
    Allotment(const Allotment&) = delete;
    Allotment& operator=(const Allotment&) = delete;
    ~Allotment() = default;

    // All of it, or nothing and false.
    [[nodiscard]] bool take(std::size_t amount) {
        std::size_t held = held_.load(std::memory_order_relaxed);
        do {
            if (amount > all_ - std::min(all_, held)) return false;
        } while (!held_.compare_exchange_weak(held, held + amount, std::memory_order_relaxed));
        return true;
    }
    void give_back(std::size_t amount) { held_.fetch_sub(amount, std::memory_order_relaxed); }

    std::size_t all() const { return all_; }
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }
    std::size_t left() const { return all_ - std::min(all_, held()); }

  private:
    const std::size_t all_;
    std::atomic<std::size_t> held_ = 0;
};

}  // namespace pomiar
