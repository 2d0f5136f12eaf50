// Counts what one rendering uses against its Limits, wherever in the room it is used.
// Thread:  the Budget made last on a thread is its current one until it is destroyed; Values used by the host outside a
//          rendering have none and are not counted.
// Errors:  a Failure of kind too_large that names the limit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jinja/options.hpp"

namespace pomiar::jinja {

class Budget {
  public:
    // The time is counted if there is a clock.
    Budget(const Limits& limits, const Clock* clock);
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;
    ~Budget();

    static Budget* current();
    const Limits& limits() const { return limits_; }

    void steps(std::uint64_t count) {
        steps_ += count;
        if (steps_ > next_look_) look();
    }
    void loop_turn() {
        if (++loop_turns_ > limits_.loop_turns) out_of_loop_turns();
    }
    // A text of this size is made, or is about to be.
    void text(std::size_t bytes);
    // A value that takes so many bytes of memory is made.
    void made(std::size_t bytes) {
        made_bytes_ += bytes;
        if (made_bytes_ > most_made_) out_of_memory();
    }
    void output(std::size_t bytes) const {
        if (bytes > limits_.output_bytes) out_of_output();
    }
    void stack() const {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        if (stack_start_ - here > limits_.stack_bytes && here < stack_start_) out_of_stack();
    }

  private:
    void look();  // at the steps and the time
    void look_at_time() const;
    [[noreturn]] void out_of_loop_turns() const;
    [[noreturn]] void out_of_output() const;
    [[noreturn]] void out_of_memory() const;
    [[noreturn]] void out_of_stack() const;

    const Limits& limits_;
    Budget* const outer_;
    const std::uintptr_t stack_start_;
    const Clock* const clock_;  // nothing: the time does not count
    const Nanoseconds deadline_;
    std::uint64_t steps_ = 0;
    std::uint64_t next_look_ = 0;
    std::uint64_t loop_turns_ = 0;
    const std::size_t most_made_;
    std::size_t made_bytes_ = 0;
};

// The same for the current budget, if there is one.
void charge_steps(std::uint64_t count);
void charge_text(std::size_t bytes);
void charge_made(std::size_t bytes);
void check_stack();

}  // namespace pomiar::jinja
