// The event loop: one thread on which sockets, timers and coroutines live.
// Thread:  post() and stop() from any thread; all else on the thread that calls run(), or before run().
// Owns:    its timers and signal callbacks; never a file descriptor.
// Errors:  none expected; a system without epoll or descriptors for it throws std::system_error from the constructor.
// The library behind it (Asio) stays in loop.cpp: an own epoll loop could take its place without a change elsewhere.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/executor.hpp"

namespace pomiar::http {

class Readiness;
class Timer;

class Loop final : public Executor {
  public:
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() override;

    // Serves until stop(). Then every sleeping coroutine has been woken (with false) before it returns.
    void run();
    // Ends run() after the work at hand. What is posted later is dropped. It cannot be started again.
    void stop();
    bool stopping() const;

    // Cheap: posts that come while the loop is awake cost a lock and no system call.
    void post(std::move_only_function<void()> work) override;

    // co_await loop.sleep(kSecond): true after that time, false when the loop stops before.
    class Sleep;
    Sleep sleep(Nanoseconds length);

    // Calls `work` each `period`, first after one period, until the Timer is destroyed. A late call is not made up for.
    [[nodiscard]] Timer every(Nanoseconds period, std::function<void()> work);

    // Calls `callback` on the loop for each arrival of the signal (SIGTERM, SIGINT, SIGHUP), until the loop is gone.
    void on_signal(int signal, std::function<void()> callback);

  private:
    friend class Readiness;
    friend class Timer;
    struct Engine;  // Asio
    struct Sleeper;
    void add_sleeper(Sleeper& sleeper, Nanoseconds length);

    std::unique_ptr<Engine> engine_;
};

struct Loop::Sleeper {
    std::coroutine_handle<> waiting;
    bool woken = false;  // the time has come, and not the end of the loop
};

class [[nodiscard]] Loop::Sleep {
  public:
    Sleep(Loop& loop, Nanoseconds length) : loop_(loop), length_(length) {}
    bool await_ready() const { return loop_.stopping(); }
    void await_suspend(std::coroutine_handle<> waiting) {
        sleeper_.waiting = waiting;
        loop_.add_sleeper(sleeper_, length_);
    }
    bool await_resume() const { return sleeper_.woken; }

  private:
    Loop& loop_;
    Nanoseconds length_;
    Sleeper sleeper_;
};

inline Loop::Sleep Loop::sleep(Nanoseconds length) {
    return {*this, length};
}

// A repeating call. Ends with the object, which must not outlive the loop.
class [[nodiscard]] Timer {
  public:
    Timer() = default;
    Timer(Timer&&) noexcept = default;
    Timer& operator=(Timer&&) noexcept = default;
    ~Timer() = default;

    struct State;

  private:
    friend class Loop;
    explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

// Waits for a descriptor to become readable or writable. Borrows the descriptor: destroy this before closing it.
// At most one coroutine waits for each of the two at a time.
class Readiness {
  public:
    Readiness(Loop& loop, int descriptor);
    Readiness(const Readiness&) = delete;
    Readiness& operator=(const Readiness&) = delete;
    ~Readiness();

    enum class Kind { read, write };
    class Wait;
    // co_await: true when it is worth trying (also when the peer is gone), false when cancelled.
    Wait readable();
    Wait writable();
    // Wakes who waits now, with false, a moment later; and lets no later wait begin.
    void cancel();

  private:
    struct State;
    void start(Kind kind, std::coroutine_handle<> waiting, bool& woken);
    bool cancelled() const;

    std::unique_ptr<State> state_;
};

class [[nodiscard]] Readiness::Wait {
  public:
    Wait(Readiness& readiness, Kind kind) : readiness_(readiness), kind_(kind) {}
    bool await_ready() const { return readiness_.cancelled(); }
    void await_suspend(std::coroutine_handle<> waiting) { readiness_.start(kind_, waiting, woken_); }
    bool await_resume() const { return woken_; }

  private:
    Readiness& readiness_;
    Kind kind_;
    bool woken_ = false;
};

inline Readiness::Wait Readiness::readable() {
    return {*this, Kind::read};
}
inline Readiness::Wait Readiness::writable() {
    return {*this, Kind::write};
}

}  // namespace pomiar::http
