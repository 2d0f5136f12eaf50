#include "http/file_body.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/core.h>
#include <unistd.h>

namespace pomiar::http {
namespace {

constexpr std::size_t kSendBytes = std::size_t{256} * 1024;  // at a time, so that other files have their turn

Result<std::string> read_piece(int file, std::uint64_t offset, std::size_t size) {
    std::string piece(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const ssize_t bytes = ::pread(file, piece.data() + got, size - got, static_cast<off_t>(offset + got));
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes < 0)
            return failure(ErrorKind::io, fmt::format("cannot read: {}", std::generic_category().message(errno)));
        if (bytes == 0) return failure(ErrorKind::io, "the file has shrunk while it was sent");
        got += static_cast<std::size_t>(bytes);
    }
    return piece;
}

}  // namespace

void FileBody::advance(std::size_t bytes) {
    at_ += bytes;
    left_ -= bytes;
}

Task<Result<std::string>> FileBody::read() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPieceBytes));
    auto reading = thread_.run([this, size] { return read_piece(file_.get(), at_, size); });
    Result<std::string> piece = co_await reading;
    if (piece) advance(size);
    co_return piece;
}

Task<Socket::Outcome> FileBody::send(Socket& socket) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kSendBytes));
    auto sending = thread_.run([this, size, &socket] { return socket.send_file(file_.get(), at_, size); });
    const Socket::Outcome outcome = co_await sending;
    if (outcome.status == Socket::Status::done) advance(outcome.bytes);
    co_return outcome;
}

}  // namespace pomiar::http
