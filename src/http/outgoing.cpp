#include "http/outgoing.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace pomiar::http {

// The time limit starts anew with each byte that goes.
void Outgoing::progress(std::size_t bytes) {
    const Nanoseconds now = server_.clock.monotonic();
    if (deadline_ == 0) pace_.begin(now);
    pace_.add(bytes);
    deadline_ = now + server_.options.write_timeout;
}

bool Outgoing::is_late(Nanoseconds now) const {
    if (deadline_ == 0) return false;
    const ServerOptions& options = server_.options;
    return now >= deadline_ || pace_.is_too_slow(now, options.write_timeout, options.bytes_each_second_min);
}

Task<bool> Outgoing::wait_for(Socket::Status blocked) {
    if (blocked == Socket::Status::want_write) co_return co_await readiness_.writable();
    co_return co_await readiness_.readable();
}

Task<bool> Outgoing::answer(const Response& response, const Http1Head& head, Body body) {
    std::string& out = server_.write_buffer;
    out.clear();
    append_head(out, response, head);
    std::string_view rest = body == Body::sent ? body_of(response) : std::string_view();
    const std::size_t fits = out.size() < kOneWriteBytes ? kOneWriteBytes - out.size() : 0;
    out.append(rest.substr(0, fits));
    rest.remove_prefix(std::min(fits, rest.size()));

    std::string_view unsent = out;
    while (!unsent.empty()) {
        const Socket::Outcome outcome = socket_.write(unsent);
        if (outcome.status == Socket::Status::closed) co_return false;
        if (outcome.status != Socket::Status::done) break;
        unsent.remove_prefix(outcome.bytes);
    }
    if (!unsent.empty()) {
        const std::string own(unsent);  // the shared buffer is another's while this one waits
        if (!co_await write(own)) co_return false;
    }
    if (!co_await write(rest)) co_return false;
    if (body == Body::sent && response.file) co_return co_await send(*response.file);
    if (body == Body::sent && response.pieces) co_return co_await send(*response.pieces, head.chunked);
    co_return true;
}

Task<bool> Outgoing::write(std::string_view bytes) {
    if (bytes.empty()) co_return true;
    progress();
    while (!bytes.empty()) {
        const Socket::Outcome outcome = socket_.write(bytes);
        if (outcome.status == Socket::Status::closed) co_return false;
        if (outcome.status == Socket::Status::done) {
            bytes.remove_prefix(outcome.bytes);
            progress(outcome.bytes);
        } else if (!co_await wait_for(outcome.status)) {
            co_return false;
        }
    }
    deadline_ = 0;
    co_return true;
}

Task<bool> Outgoing::send(FileBody& file) {
    progress();
    while (file.left() > 0 && !cut_) {
        if (socket_.is_tls()) {
            const Result<std::string> piece = co_await file.read();
            if (!piece || !co_await write(*piece)) co_return false;
            progress();
            continue;
        }
        const Socket::Outcome outcome = co_await file.send(socket_);
        if (outcome.status == Socket::Status::closed) co_return false;
        if (outcome.status == Socket::Status::done) {
            progress(outcome.bytes);
        } else if (!co_await wait_for(outcome.status)) {
            co_return false;
        }
    }
    deadline_ = 0;
    co_return !cut_;
}

// The time limit is the client's: it does not run while a piece is made.
Task<bool> Outgoing::send(Pieces& pieces, bool chunked) {
    while (!cut_) {
        Result<std::string> piece = co_await pieces.next();
        if (!piece || cut_) co_return false;
        const bool ended = piece->empty();
        if (chunked) *piece = fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece);
        if (!co_await write(*piece)) co_return false;
        if (ended) co_return true;
    }
    co_return false;
}

}  // namespace pomiar::http
