#include "load/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load/dial.hpp"

namespace pomiar::load {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

// The value of a field of an answer's head, in lower case; empty when there is none.
std::string header(std::string_view head, std::string_view lower_name) {
    std::size_t line = head.find("\r\n");
    while (line != std::string_view::npos && line + 2 < head.size()) {
        const std::size_t begin = line + 2;
        line = head.find("\r\n", begin);
        std::string field(head.substr(begin, line == std::string_view::npos ? line : line - begin));
        std::ranges::transform(field, field.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
        if (!field.starts_with(lower_name) || field.size() <= lower_name.size() || field[lower_name.size()] != ':')
            continue;
        const std::size_t value = field.find_first_not_of(' ', lower_name.size() + 1);
        return value == std::string::npos ? std::string() : field.substr(value);
    }
    return {};
}

}  // namespace

void give_up(std::string_view what) {
    fmt::print(stderr, "load: {}\n", what);
    std::exit(1);
}

Connection::Connection(const Peer& peer) : peer_(peer) {
    open();
}

Connection::~Connection() {
    close();
}

void Connection::open() {
    descriptor_ = dial(peer_.port);
    if (peer_.tls != nullptr) {
        session_ = SSL_new(peer_.tls);
        SSL_set_fd(session_, descriptor_);
        SSL_set_mode(session_, SSL_MODE_ENABLE_PARTIAL_WRITE);
        if (SSL_connect(session_) != 1)
            give_up(fmt::format("TLS handshake failed: {}", ERR_error_string(ERR_get_error(), nullptr)));
    }
    never_block(descriptor_);
}

void Connection::close() {
    SSL_free(session_);
    session_ = nullptr;
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

void Connection::start(std::string_view request) {
    if (closes_) {
        close();
        open();
        reconnects_ += 1;
    }
    unsent_ = request;
    received_.clear();
    body_at_ = 0;
    body_bytes_ = 0;
    chunked_ = false;
    closes_ = false;
    status_ = 0;
}

bool Connection::advance() {
    while (!unsent_.empty())
        if (!send_some()) return false;
    while (!complete())
        if (!receive_some()) return false;
    return true;
}

// False: not now.
bool Connection::send_some() {
    std::size_t sent = 0;
    if (session_ == nullptr) {
        const ssize_t count = ::send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) return false;
        if (count < 0) give_up(fmt::format("cannot send: {}", std::strerror(errno)));
        sent = static_cast<std::size_t>(count);
    } else if (SSL_write_ex(session_, unsent_.data(), unsent_.size(), &sent) != 1) {
        if (SSL_get_error(session_, 0) == SSL_ERROR_WANT_WRITE) return false;
        give_up("the connection broke while sending");
    }
    unsent_.remove_prefix(sent);
    return true;
}

bool Connection::receive_some() {
    std::array<char, kReadBytes> buffer;
    std::size_t got = 0;
    if (session_ == nullptr) {
        const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EAGAIN) return false;
        if (count <= 0) give_up("the connection broke before an answer was complete");
        got = static_cast<std::size_t>(count);
    } else if (SSL_read_ex(session_, buffer.data(), buffer.size(), &got) != 1) {
        if (SSL_get_error(session_, 0) == SSL_ERROR_WANT_READ) return false;
        give_up("the connection broke before an answer was complete");
    }
    received_.append(buffer.data(), got);
    return true;
}

bool Connection::complete() {
    if (body_at_ == 0) {
        const std::size_t head_end = received_.find("\r\n\r\n");
        if (head_end == std::string::npos || !read_head(head_end)) return false;
    }
    return chunked_ ? chunks_complete() : received_.size() >= body_at_ + body_bytes_;
}

// False for an interim answer (1xx), which is dropped.
bool Connection::read_head(std::size_t head_end) {
    const std::string_view head = std::string_view(received_).substr(0, head_end + 2);
    if (!head.starts_with("HTTP/1.") || head.size() < 12) give_up(fmt::format("not an HTTP/1.1 answer: {}", head));
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    if (status_ < 200) {
        received_.erase(0, head_end + 4);
        return false;
    }
    body_at_ = head_end + 4;
    closes_ = header(head, "connection") == "close";
    chunked_ = header(head, "transfer-encoding") == "chunked";
    if (status_ == 204 || status_ == 304 || chunked_) return true;
    const std::string length = header(head, "content-length");
    if (length.empty()) give_up("an answer without Content-Length");
    std::from_chars(length.data(), length.data() + length.size(), body_bytes_);
    return true;
}

bool Connection::chunks_complete() const {
    std::size_t at = body_at_;
    for (;;) {
        const std::size_t line = received_.find("\r\n", at);
        if (line == std::string::npos) return false;
        std::size_t size = 0;
        std::from_chars(received_.data() + at, received_.data() + line, size, 16);
        at = line + 2 + size + 2;
        if (at > received_.size()) return false;
        if (size == 0) return true;
    }
}

}  // namespace pomiar::load
