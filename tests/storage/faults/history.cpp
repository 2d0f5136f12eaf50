#include "history.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace pomiar::storage::test {
namespace {

constexpr std::size_t kComplaintsMax = 4;

std::string name_of(const Key& key) {
    return fmt::format("{} at {}", key.first, key.second);
}

}  // namespace

std::string text_of(const Value& value) {
    if (value.kind != ValueKind::text) return fmt::format("{}:{}", static_cast<int>(value.kind), value.bits);
    return fmt::format("text {} {}", value.text.size(), value.text.substr(0, 20));
}

void History::begin(const Key& key, const Value& value, Moment now) {
    auto& writes = writes_[key];
    writes.push_back({text_of(value), now});
    waiting_.emplace_back(key, writes.size() - 1);
}

void History::answer(Moment now) {
    for (const auto& [key, index] : waiting_) writes_[key][index].answered = now;
    waiting_.clear();
}

void History::refuse() {
    waiting_.clear();
}

void History::make_durable(Moment now) {
    for (auto& [key, writes] : writes_) {
        for (Write& write : writes) {
            if (write.answered <= now) write.durable = std::min(write.durable, now);
        }
    }
}

History History::until(Moment end) const {
    History history;
    for (const auto& [key, writes] : writes_) {
        for (const Write& write : writes) {
            if (write.begun >= end) break;
            const Moment kept = write.durable <= end ? 0 : kNever;
            history.writes_[key].push_back({write.value, 0, kept, kept});
        }
    }
    return history;
}

std::vector<std::string> History::complaints(const Found& found, Moment moment, Promise promise) const {
    std::vector<std::string> complaints;
    const auto complain = [&](std::string text) {
        if (complaints.size() < kComplaintsMax) complaints.push_back(std::move(text));
    };
    for (const auto& [key, writes] : writes_) {
        bool promised = false;
        std::vector<std::string> possible;  // the last promised one, and those after it
        for (const Write& write : writes) {
            if (write.begun >= moment && moment != kNever) break;
            const Moment kept = promise == Promise::durable ? write.durable : write.answered;
            if (kept != kNever && kept <= moment) {
                promised = true;
                possible.clear();
            }
            possible.push_back(write.value);
        }
        const auto at = found.find(key);
        if (at == found.end()) {
            if (promised) complain(fmt::format("{} is gone", name_of(key)));
        } else if (std::find(possible.begin(), possible.end(), at->second) == possible.end()) {
            complain(fmt::format("{} is {}, not {}", name_of(key), at->second,
                                 possible.empty() ? "not written yet" : possible.back()));
        }
    }
    for (const auto& [key, value] : found) {
        if (!writes_.contains(key)) complain(fmt::format("{} was never written", name_of(key)));
    }
    return complaints;
}

}  // namespace pomiar::storage::test
