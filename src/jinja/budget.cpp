#include "jinja/budget.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "jinja/failure.hpp"

namespace pomiar::jinja {
namespace {

thread_local Budget* current_budget = nullptr;
constexpr std::size_t kMadePerOutput = 4;  // all values made may take this many times as much as the output
// The clock is looked at each time so many steps are done, and when a text is as large.
constexpr std::uint64_t kStepsPerLook = 2048;
constexpr std::size_t kLargeText = 16 * 1024;

}  // namespace

Budget::Budget(const Limits& limits, const Clock* clock)
    : limits_(limits),
      outer_(current_budget),
      stack_start_(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))),
      clock_(limits.time > 0 ? clock : nullptr),
      deadline_(clock_ != nullptr ? clock_->monotonic() + limits.time : 0),
      next_look_(std::min(limits.steps, kStepsPerLook)),
      most_made_(limits.output_bytes * kMadePerOutput) {
    current_budget = this;
}

Budget::~Budget() {
    current_budget = outer_;
}

Budget* Budget::current() {
    return current_budget;
}

void Budget::text(std::size_t bytes) {
    if (bytes > limits_.string_bytes) {
        fail(fmt::format("a text of {} bytes passes the limit of {} bytes", bytes, limits_.string_bytes),
             ErrorKind::too_large);
    }
    if (bytes >= kLargeText) look_at_time();
    made(bytes);
}

void Budget::look() {
    if (steps_ > limits_.steps) {
        fail(fmt::format("the template takes more than {} steps", limits_.steps), ErrorKind::too_large);
    }
    look_at_time();
    next_look_ = std::min(limits_.steps, steps_ + kStepsPerLook);
}
void Budget::look_at_time() const {
    if (clock_ == nullptr || clock_->monotonic() < deadline_) return;
    fail(fmt::format("the template takes longer than {} ms", limits_.time / kMillisecond), ErrorKind::too_large);
}
void Budget::out_of_loop_turns() const {
    fail(fmt::format("the loops take more than {} turns", limits_.loop_turns), ErrorKind::too_large);
}
void Budget::out_of_output() const {
    fail(fmt::format("the output passes the limit of {} bytes", limits_.output_bytes), ErrorKind::too_large);
}
void Budget::out_of_memory() const {
    fail(fmt::format("the texts and lists made on the way pass the limit of {} bytes", most_made_),
         ErrorKind::too_large);
}
void Budget::out_of_stack() const {
    fail(fmt::format("nested too deeply: more than {} bytes of stack", limits_.stack_bytes), ErrorKind::too_large);
}

void charge_steps(std::uint64_t count) {
    if (current_budget != nullptr) current_budget->steps(count);
}
void charge_text(std::size_t bytes) {
    if (current_budget != nullptr) current_budget->text(bytes);
}
void charge_made(std::size_t bytes) {
    if (current_budget != nullptr) current_budget->made(bytes);
}
void check_stack() {
    if (current_budget != nullptr) current_budget->stack();
}

}  // namespace pomiar::jinja
