// The store's threads and the loop's coroutines meet here: co_await append(…), co_await read(…).
// Thread:  awaited on the loop; the coroutine goes on there. A coroutine that is destroyed while it waits is simply not
// resumed; what the store was asked happens all the same.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/executor.hpp"
#include "base/result.hpp"
#include "storage/store.hpp"

namespace pomiar::web {

// Where the answer is put; shared by the waiting coroutine and the thread that works for it.
template <class T>
struct Slot {
    std::optional<T> value;
    std::coroutine_handle<> waiting;  // used on the loop only
};

// Brings the answer: to be called once, from any thread.
template <class T>
class Deliver {
  public:
    Deliver(std::shared_ptr<Slot<T>> slot, Executor& loop) : slot_(std::move(slot)), loop_(&loop) {}
    void operator()(T value) {
        slot_->value.emplace(std::move(value));
        loop_->post([slot = std::move(slot_)] {
            if (slot->waiting) slot->waiting.resume();
        });
    }

  private:
    std::shared_ptr<Slot<T>> slot_;
    Executor* loop_;
};

// Starts `start(Deliver<T>)` when awaited and waits for what is delivered.
template <class T, class Start>
class [[nodiscard]] Awaiting {
  public:
    Awaiting(Executor& loop, Start start) : loop_(loop), start_(std::move(start)) {}
    Awaiting(const Awaiting&) = delete;
    Awaiting& operator=(const Awaiting&) = delete;
    ~Awaiting() { slot_->waiting = nullptr; }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        slot_->waiting = waiting;
        start_(Deliver<T>(slot_, loop_));
    }
    T await_resume() {
        slot_->waiting = nullptr;
        return std::move(*slot_->value);
    }

  private:
    Executor& loop_;
    Start start_;
    std::shared_ptr<Slot<T>> slot_ = std::make_shared<Slot<T>>();
};

// Gives an AppendOutcome.
inline auto append(storage::Store& store, Executor& loop, storage::Batch batch) {
    auto start = [&store, batch = std::move(batch)](Deliver<storage::AppendOutcome> deliver) mutable {
        store.append(std::move(batch), std::move(deliver));
    };
    return Awaiting<storage::AppendOutcome, decltype(start)>(loop, std::move(start));
}

// Store::remove, or remove_as_of where a version is given. Gives its Result<>.
inline auto remove(storage::Store& store, Executor& loop, std::vector<storage::SeriesId> series,
                   storage::TimeRange range, std::optional<std::uint64_t> version) {
    auto start = [&store, series = std::move(series), range, version](Deliver<Result<>> deliver) mutable {
        if (version) {
            store.remove_as_of(*version, std::move(series), range, std::move(deliver));
        } else {
            store.remove(std::move(series), range, std::move(deliver));
        }
    };
    return Awaiting<Result<>, decltype(start)>(loop, std::move(start));
}

// Runs job(Snapshot&) on the reader thread and gives the Result it returns, or `busy` when too many jobs wait. The job
// must own what it uses.
template <class Job>
auto read(storage::Store& store, Executor& loop, Job job) {
    using R = std::invoke_result_t<Job&, storage::Snapshot&>;
    auto start = [&store, job = std::move(job)](Deliver<R> deliver) mutable {
        store.read([job = std::move(job), deliver = std::move(deliver)](storage::Snapshot* snapshot) mutable {
            if (snapshot == nullptr) {
                deliver(failure(ErrorKind::busy, "too many queries are waiting; try again"));
            } else {
                deliver(job(*snapshot));
            }
        });
    };
    return Awaiting<R, decltype(start)>(loop, std::move(start));
}

}  // namespace pomiar::web
