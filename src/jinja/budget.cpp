#include "jinja/budget.hpp"

#include <fmt/core.h>

#include "jinja/failure.hpp"

namespace pomiar::jinja {
namespace {

thread_local Budget* current_budget = nullptr;
constexpr std::size_t kTextsPerOutput = 4;  // all texts made may be this many times as large as the output

}  // namespace

Budget::Budget(const Limits& limits)
    : limits_(limits),
      outer_(current_budget),
      stack_start_(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))) {
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
    text_bytes_ += bytes;
    if (text_bytes_ / kTextsPerOutput > limits_.output_bytes) {
        fail(
            fmt::format("the texts made on the way pass the limit of {} bytes", limits_.output_bytes * kTextsPerOutput),
            ErrorKind::too_large);
    }
}

void Budget::out_of_steps() const {
    fail(fmt::format("the template takes more than {} steps", limits_.steps), ErrorKind::too_large);
}
void Budget::out_of_loop_turns() const {
    fail(fmt::format("the loops take more than {} turns", limits_.loop_turns), ErrorKind::too_large);
}
void Budget::out_of_output() const {
    fail(fmt::format("the output passes the limit of {} bytes", limits_.output_bytes), ErrorKind::too_large);
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
void check_stack() {
    if (current_budget != nullptr) current_budget->stack();
}

}  // namespace pomiar::jinja
