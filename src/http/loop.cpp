#include "http/loop.hpp"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <sched.h>

#include "base/bug.hpp"
#include "base/task.hpp"

namespace pomiar::http {
namespace {

constexpr std::chrono::microseconds kStayAwake{50};

}  // namespace

struct Loop::Engine {
    using Time = std::chrono::steady_clock::time_point;

    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::atomic<bool> stopping = false;

    std::mutex posts_mutex;
    std::vector<std::move_only_function<void()>> posted;   // by any thread, not yet begun
    bool drain_scheduled = false;                          // under the mutex
    std::vector<std::move_only_function<void()>> running;  // the loop's own, keeps its capacity

    asio::steady_timer timer{context};
    std::multimap<Time, Sleeper*> sleepers;
    Time timer_set_for = Time::max();

    std::list<asio::signal_set> signals;

    void drain();
    void set_timer();
    void wake_due();
    void wake_all();
};

void Loop::Engine::drain() {
    {
        const std::scoped_lock lock(posts_mutex);
        running.swap(posted);
        drain_scheduled = false;
    }
    for (auto& work_item : running) {
        if (stopping.load(std::memory_order_relaxed)) break;
        work_item();
    }
    running.clear();
}

void Loop::Engine::set_timer() {
    const Time next = sleepers.empty() ? Time::max() : sleepers.begin()->first;
    if (next == timer_set_for) return;
    timer_set_for = next;
    if (next == Time::max()) {
        timer.cancel();
        return;
    }
    timer.expires_at(next);
    timer.async_wait([this](asio::error_code error) {
        if (error) return;  // set anew meanwhile
        timer_set_for = Time::max();
        wake_due();
        set_timer();
    });
}

void Loop::Engine::wake_due() {
    const Time now = std::chrono::steady_clock::now();
    while (!sleepers.empty() && sleepers.begin()->first <= now) {
        Sleeper* sleeper = sleepers.begin()->second;
        sleepers.erase(sleepers.begin());
        sleeper->woken = true;
        sleeper->waiting.resume();
    }
}

void Loop::Engine::wake_all() {
    while (!sleepers.empty()) {
        Sleeper* sleeper = sleepers.begin()->second;
        sleepers.erase(sleepers.begin());
        sleeper->waiting.resume();
    }
}

Loop::Loop() : engine_(std::make_unique<Engine>()) {}

Loop::~Loop() {
    engine_->stopping = true;
    engine_->wake_all();
}

// Right after work it looks for more some times before it sleeps: the next request of a busy client comes within
// microseconds, and falling asleep and being woken costs more than that. Whoever else wants the processor gets it.
void Loop::run() {
    asio::io_context& context = engine_->context;
    using Clock = std::chrono::steady_clock;
    while (!context.stopped()) {
        if (context.run_one() == 0) break;
        for (auto awake_until = Clock::now() + kStayAwake; !context.stopped() && Clock::now() < awake_until;) {
            if (context.poll() > 0)
                awake_until = Clock::now() + kStayAwake;
            else
                ::sched_yield();
        }
    }
    engine_->wake_all();
}

void Loop::stop() {
    if (engine_->stopping.exchange(true)) return;
    asio::post(engine_->context, [this] { engine_->context.stop(); });
}

bool Loop::stopping() const {
    return engine_->stopping.load(std::memory_order_relaxed);
}

void Loop::post(std::move_only_function<void()> work) {
    Engine& engine = *engine_;
    {
        const std::scoped_lock lock(engine.posts_mutex);
        if (engine.stopping.load(std::memory_order_relaxed)) return;
        engine.posted.push_back(std::move(work));
        if (std::exchange(engine.drain_scheduled, true)) return;
    }
    asio::post(engine.context, [&engine] { engine.drain(); });
}

void Loop::add_sleeper(Sleeper& sleeper, Nanoseconds length) {
    // A century stands for all that is longer, which keeps the sum in range.
    const auto bounded = std::chrono::nanoseconds(std::min(length, 36'500 * kDay));
    engine_->sleepers.emplace(std::chrono::steady_clock::now() + bounded, &sleeper);
    engine_->set_timer();
}

struct Timer::State {
    std::function<void()> work;
};

namespace {

Task<void> tick(Loop& loop, Nanoseconds period, std::weak_ptr<Timer::State> timer) {
    while (co_await loop.sleep(period)) {
        const auto state = timer.lock();
        if (!state) co_return;
        state->work();
    }
}

}  // namespace

Timer Loop::every(Nanoseconds period, std::function<void()> work) {
    auto state = std::make_shared<Timer::State>(Timer::State{std::move(work)});
    spawn(tick(*this, period, state));
    return Timer(std::move(state));
}

namespace {

void await_signal(asio::signal_set& signals, const std::shared_ptr<std::function<void()>>& callback) {
    signals.async_wait([&signals, callback](asio::error_code error, int) {
        if (error) return;
        await_signal(signals, callback);
        (*callback)();
    });
}

}  // namespace

void Loop::on_signal(int signal, std::function<void()> callback) {
    auto& signals = engine_->signals.emplace_back(engine_->context, signal);
    await_signal(signals, std::make_shared<std::function<void()>>(std::move(callback)));
}

struct Readiness::State {
    asio::posix::stream_descriptor descriptor;
    int waiting = 0;
    bool cancelled = false;
};

Readiness::Readiness(Loop& loop, int descriptor)
    : state_(std::make_unique<State>(asio::posix::stream_descriptor(loop.engine_->context, descriptor))) {}

Readiness::~Readiness() {
    require(state_->waiting == 0, "a Readiness is destroyed while a coroutine waits on it");
    state_->descriptor.release();
}

void Readiness::start(Kind kind, std::coroutine_handle<> waiting, bool& woken) {
    const auto what =
        kind == Kind::read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
    ++state_->waiting;
    state_->descriptor.async_wait(what, [state = state_.get(), waiting, &woken](asio::error_code error) {
        --state->waiting;
        woken = error != asio::error::operation_aborted;
        waiting.resume();
    });
}

bool Readiness::cancelled() const {
    return state_->cancelled;
}

void Readiness::cancel() {
    state_->cancelled = true;
    asio::error_code error;
    error = state_->descriptor.cancel(error);  // whoever waits in vain sees the flag
}

}  // namespace pomiar::http
