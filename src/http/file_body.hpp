// A part of an open file as the body of an answer, sent piece by piece: no memory grows with it.
// Owns:    the descriptor. Borrows the thread that reads and the count, which outlive it.
// Thread:  the loop's; one read() or send() at a time, and it stays as long as that takes.
// Errors:  io, when the file has fewer bytes by now than were promised, or the device fails: the answer cannot be
//          finished, and the client must see that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "http/descriptor.hpp"
#include "http/file_thread.hpp"
#include "http/socket.hpp"

namespace pomiar::http {

class FileBody {
  public:
    static constexpr std::size_t kPieceBytes = std::size_t{64} * 1024;  // in memory at a time

    // `open` counts those there are.
    FileBody(FileThread& thread, std::size_t& open, Descriptor file, std::uint64_t offset, std::uint64_t size)
        : thread_(thread), open_(open), file_(std::move(file)), at_(offset), size_(size), left_(size) {
        ++open_;
    }
    FileBody(const FileBody&) = delete;
    FileBody& operator=(const FileBody&) = delete;
    ~FileBody() { --open_; }

    std::uint64_t size() const { return size_; }  // of the whole body, in bytes
    std::uint64_t left() const { return left_; }  // of it, not yet read or sent

    // The next piece; left() is not 0.
    Task<Result<std::string>> read();
    // Has the kernel send as much as the socket takes now, a plain one, without a copy through this program; left() is
    // not 0. closed: also when the file has shrunk.
    Task<Socket::Outcome> send(Socket& socket);

  private:
    void advance(std::size_t bytes);

    FileThread& thread_;
    std::size_t& open_;
    Descriptor file_;
    std::uint64_t at_;
    std::uint64_t size_;
    std::uint64_t left_;
};

}  // namespace pomiar::http
