#include "http/socket.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "base/bug.hpp"

namespace pomiar::http {

Socket::Socket(Descriptor descriptor, ssl_ctx_st* tls) : descriptor_(std::move(descriptor)), is_tls_(tls != nullptr) {
    if (!is_tls_) return;
    tls_ = SSL_new(tls);
    if (tls_ == nullptr || SSL_set_fd(tls_, descriptor_.get()) != 1) tls_broken_ = true;
    if (tls_ != nullptr) SSL_set_accept_state(tls_);
}

Socket::~Socket() {
    SSL_free(tls_);
}

Socket::Outcome Socket::tls_outcome(int result, std::size_t bytes) {
    switch (SSL_get_error(tls_, result)) {
        case SSL_ERROR_NONE:
            return {Status::done, bytes};
        case SSL_ERROR_WANT_READ:
            return {Status::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {Status::want_write};
        case SSL_ERROR_ZERO_RETURN:
            return {Status::closed};
        default:
            tls_broken_ = true;
            return {Status::closed};
    }
}

Socket::Outcome Socket::accept_tls() {
    if (tls_broken_) return {Status::closed};
    ERR_clear_error();
    return tls_outcome(SSL_accept(tls_), 0);
}

std::string_view Socket::protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    if (tls_ != nullptr) SSL_get0_alpn_selected(tls_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

Socket::Outcome Socket::read(char* into, std::size_t size) {
    if (is_tls_) {
        if (tls_broken_) return {Status::closed};
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_read_ex(tls_, into, size, &bytes);
        return tls_outcome(result, bytes);
    }
    for (;;) {
        const ssize_t bytes = ::recv(descriptor_.get(), into, size, 0);
        if (bytes > 0) return {Status::done, static_cast<std::size_t>(bytes)};
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Status::want_read};
        return {Status::closed};
    }
}

Socket::Outcome Socket::write(std::string_view bytes) {
    if (is_tls_) {
        if (tls_broken_) return {Status::closed};
        ERR_clear_error();
        std::size_t moved = 0;
        const int result = SSL_write_ex(tls_, bytes.data(), bytes.size(), &moved);
        return tls_outcome(result, moved);
    }
    for (;;) {
        const ssize_t moved = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (moved >= 0) return {Status::done, static_cast<std::size_t>(moved)};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {Status::want_write};
        return {Status::closed};
    }
}

Socket::Outcome Socket::send_file(int file, std::uint64_t offset, std::size_t size) {
    require(!is_tls_, "the kernel is to send what only TLS can");
    auto at = static_cast<off_t>(offset);
    for (;;) {
        const ssize_t moved = ::sendfile(descriptor_.get(), file, &at, size);
        if (moved > 0) return {Status::done, static_cast<std::size_t>(moved)};
        if (moved < 0 && errno == EINTR) continue;
        if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Status::want_write};
        return {Status::closed};
    }
}

void Socket::limit_unacknowledged(Nanoseconds longest) {
    const auto milliseconds = static_cast<unsigned int>(longest / kMillisecond);
    ::setsockopt(descriptor_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

void Socket::end_writing() {
    if (is_tls_ && !tls_broken_ && SSL_is_init_finished(tls_) != 0) {
        ERR_clear_error();
        SSL_shutdown(tls_);
    }
    ::shutdown(descriptor_.get(), SHUT_WR);
}

void ignore_broken_pipes() {
    static const auto before = std::signal(SIGPIPE, SIG_IGN);
    require(before != SIG_ERR, "SIGPIPE cannot be ignored");
}

std::string take_tls_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "unknown TLS error";
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

}  // namespace pomiar::http
