#include "web/shared_text.hpp"

#include <utility>

#include "web/await_store.hpp"

namespace pomiar::web {

// Waits for the computation that is under way.
class SharedText::Turn {
  public:
    explicit Turn(SharedText& shared) : shared_(shared) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { *waiting_ = nullptr; }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        *waiting_ = waiting;
        shared_.waiting_.push_back(waiting_);
    }
    void await_resume() noexcept { *waiting_ = nullptr; }

  private:
    SharedText& shared_;
    std::shared_ptr<std::coroutine_handle<>> waiting_ = std::make_shared<std::coroutine_handle<>>();
};

SharedText::Key SharedText::key_now() const {
    return {context_.store.version(), lifetime_ == 0 ? 0 : context_.clock.now() / lifetime_, also_ ? also_() : 0};
}

void SharedText::wake_waiting() {
    for (auto& waiting : std::exchange(waiting_, {})) {
        context_.loop.post([waiting = std::move(waiting)] {
            if (*waiting) waiting->resume();
        });
    }
}

Task<Result<SharedText::Current>> SharedText::get() {
    const Key wanted = key_now();
    const auto is_fresh = [&] {
        return text_ && key_.version >= wanted.version && key_.age == key_now().age && key_.also >= wanted.also;
    };
    while (!is_fresh() && computing_) {
        Turn turn(*this);
        co_await turn;
    }
    if (is_fresh()) co_return Current{text_, key_.version};

    computing_ = true;
    const Key now = key_now();
    using Made = std::pair<std::string, std::uint64_t>;
    auto job = [compute = compute_](storage::Snapshot& snapshot) -> Result<Made> {
        const std::uint64_t version = snapshot.version();
        auto text = compute(snapshot);
        if (!text) return failure(std::move(text));
        return Made{std::move(*text), version};
    };
    auto reading = read(context_.store, context_.loop, std::move(job));
    auto made = co_await reading;
    computing_ = false;
    if (made) {
        text_ = std::make_shared<const http::SharedBody>(std::move(made->first));
        key_ = {made->second, now.age, now.also};
    }
    wake_waiting();
    if (!made) co_return failure(std::move(made));
    co_return Current{text_, key_.version};
}

}  // namespace pomiar::web
