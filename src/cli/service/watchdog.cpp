#include "cli/service/watchdog.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

namespace pomiar::cli {

// A question to each part that must come round, and what became of it. Thread: the first loop's.
struct Watchdog::Round : std::enable_shared_from_this<Round> {
    enum class Answer : std::uint8_t { wanted, asked, given };
    // To be called once, from any thread: `given`, or `wanted` when it is to be asked once more.
    using Reply = std::function<void(Answer)>;
    struct Part {
        std::function<void(Reply)> ask;
        Answer answer = Answer::wanted;
    };

    Round(const std::vector<http::Loop*>& loops, storage::Store& store, const Supervisor& told);

    void ask();
    void note(std::size_t part, Answer answer);

    http::Loop& first;
    const Supervisor& supervisor;
    std::vector<Part> parts;
};

Watchdog::Round::Round(const std::vector<http::Loop*>& loops, storage::Store& store, const Supervisor& told)
    : first(*loops.front()), supervisor(told) {
    parts.push_back(
        {[&store](Reply reply) { store.after_writes([reply = std::move(reply)] { reply(Answer::given); }); }});
    parts.push_back({[&store](Reply reply) {
        // Without a snapshot it is not the reader who says so: too much waits for it.
        store.read([reply = std::move(reply)](storage::Snapshot* snapshot) {
            reply(snapshot != nullptr ? Answer::given : Answer::wanted);
        });
    }});
    for (http::Loop* loop : loops) {
        if (loop == &first) continue;
        parts.push_back({[loop](Reply reply) { loop->post([reply = std::move(reply)] { reply(Answer::given); }); }});
    }
}

void Watchdog::Round::ask() {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].answer != Answer::wanted) continue;
        parts[i].answer = Answer::asked;
        parts[i].ask([weak = weak_from_this(), &loop = first, i](Answer answer) {
            loop.post([weak, i, answer] {
                if (const auto round = weak.lock()) round->note(i, answer);
            });
        });
    }
}

void Watchdog::Round::note(std::size_t part, Answer answer) {
    parts[part].answer = answer;
    if (std::ranges::any_of(parts, [](const Part& one) { return one.answer != Answer::given; })) return;
    supervisor.alive();
    for (Part& one : parts) one.answer = Answer::wanted;
}

Watchdog::Watchdog(const std::vector<http::Loop*>& loops, storage::Store& store, const Supervisor& supervisor,
                   Nanoseconds patience)
    : round_(std::make_shared<Round>(loops, store, supervisor)),
      timer_(loops.front()->every(patience / 2, [round = round_] { round->ask(); })) {
    round_->ask();
}

}  // namespace pomiar::cli
