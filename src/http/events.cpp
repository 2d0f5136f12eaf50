#include "http/events.hpp"

#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::http {

bool EventStream::send(std::shared_ptr<const std::string> chunk) {
    if (state_ != State::open) return false;
    if (queue_.size() >= limits_.chunks_max || bytes_ + chunk->size() > limits_.bytes_max) {
        overflowed_ = true;
        finish();
        return false;
    }
    bytes_ += chunk->size();
    queue_.push_back(std::move(chunk));
    if (wake_) wake_();
    return true;
}

void EventStream::close() {
    finish();
}

void EventStream::on_close(std::function<void()> callback) {
    if (state_ != State::open) {
        callback();
        return;
    }
    on_close_ = std::move(callback);
}

std::shared_ptr<const std::string> EventStream::take() {
    if (queue_.empty() || overflowed_) return nullptr;
    auto chunk = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= chunk->size();
    return chunk;
}

void EventStream::set_wake(std::function<void()> wake) {
    wake_ = std::move(wake);
}

void EventStream::disconnect() {
    wake_ = nullptr;
    queue_.clear();
    bytes_ = 0;
    finish();
}

void EventStream::finish() {
    if (state_ != State::open) return;
    state_ = State::closed;
    if (wake_) wake_();
    // Last, and moved out before: it may drop the last pointer to this stream.
    if (auto callback = std::exchange(on_close_, nullptr)) callback();
}

std::string encode_event(const EventFields& fields) {
    std::string out;
    if (fields.retry_milliseconds > 0) out += fmt::format("retry: {}\n", fields.retry_milliseconds);
    if (!fields.id.empty()) out.append("id: ").append(fields.id).append("\n");
    if (!fields.event.empty()) out.append("event: ").append(fields.event).append("\n");
    for (std::string_view line : split(fields.data, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        out.append("data: ").append(line).append("\n");
    }
    return out += '\n';
}

}  // namespace pomiar::http
