// A coroutine that gives one value to the coroutine that awaits it. Lazy: it starts when awaited, on the awaiting
// thread. Thread:  one; what a task awaits must resume it on that thread. Errors:  an exception thrown inside comes out
// of co_await. Expected failures are Results instead. Owns:    its frame, destroyed with the Task. Stack:   a task that
// ends without having suspended returns to its awaiter by an ordinary return, so loops over ready
//          tasks do not grow the stack. This does not lean on tail calls, which GCC makes only from -O2 on.
// Beware:  GCC 12 miscompiles a co_await inside the condition of an if or while when its call has a literal or constant
//          of class type among its arguments ("text", a constexpr string_view): take its result into a variable first.
//          And co_await of an awaitable object that a lambda has captured awaits a copy: name it by a local reference.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace pomiar {

namespace detail {

struct TaskPromiseBase {
    std::coroutine_handle<> awaiting = std::noop_coroutine();
    std::exception_ptr exception;

    struct FinalAwaiter {
        bool await_ready() noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> finished) noexcept {
            // The frame may be gone before resume() returns.
            const std::coroutine_handle<> next = finished.promise().awaiting;
            next.resume();
        }
        void await_resume() noexcept {}
    };

    std::suspend_always initial_suspend() noexcept { return {}; }
    FinalAwaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
    std::optional<T> value;
    auto get_return_object() { return std::coroutine_handle<TaskPromise>::from_promise(*this); }
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (exception) std::rethrow_exception(exception);
        return std::move(*value);
    }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
    auto get_return_object() { return std::coroutine_handle<TaskPromise>::from_promise(*this); }
    void return_void() noexcept {}
    void take() const {
        if (exception) std::rethrow_exception(exception);
    }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task(Handle handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
        handle_.resume();
        if (handle_.done()) return false;
        handle_.promise().awaiting = awaiting;
        return true;
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    Handle handle_;
};

namespace detail {

// Runs to its end by itself and frees its own frame.
struct Detached {
    struct promise_type {
        Detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

}  // namespace detail

// Starts a task that nobody awaits. It must handle its own exceptions: one that escapes ends the program.
inline void spawn(Task<void> task) {
    [](Task<void> owned) -> detail::Detached { co_await owned; }(std::move(task));
}

}  // namespace pomiar
