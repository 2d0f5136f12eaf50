#include "base/task.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace pomiar {
namespace {

// Suspends until resume() is called from outside.
struct Gate {
    std::coroutine_handle<> waiting;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { waiting = handle; }
    void await_resume() const {}
    void resume() { std::exchange(waiting, nullptr).resume(); }
};

Task<std::string> greet(Gate& gate) {
    co_await gate;
    co_return "hello";
}

Task<void> store(Gate& gate, std::string& into) {
    into = co_await greet(gate);
}

TEST(Task, ValuePassesThroughAwaitingTasks) {
    Gate gate;
    std::string into;
    spawn(store(gate, into));
    EXPECT_EQ(into, "");
    gate.resume();
    EXPECT_EQ(into, "hello");
}

Task<int> fail() {
    throw std::runtime_error("no");
    co_return 1;
}

Task<void> catching(bool& caught) {
    try {
        co_await fail();
    } catch (const std::runtime_error&) {
        caught = true;
    }
}

TEST(Task, ExceptionComesOutOfAwait) {
    bool caught = false;
    spawn(catching(caught));
    EXPECT_TRUE(caught);
}

TEST(Task, OneThatIsNeverAwaitedNeverRunsAndFreesItsArguments) {
    auto owned = std::make_shared<int>(1);
    {
        auto task = [](std::shared_ptr<int> kept) -> Task<int> { co_return *kept; }(owned);
        EXPECT_EQ(owned.use_count(), 2);
    }
    EXPECT_EQ(owned.use_count(), 1);
}

Task<int> sum_down(int n) {
    if (n == 0) co_return 0;
    co_return n + co_await sum_down(n - 1);
}

Task<void> loop_many(long& total) {
    for (int i = 0; i < 100'000; ++i) total += co_await sum_down(1);
}

TEST(Task, LongLoopsOfReadyTasksDoNotGrowTheStack) {
    long total = 0;
    spawn(loop_many(total));
    EXPECT_EQ(total, 100'000);
}

}  // namespace
}  // namespace pomiar
