// The files of one directory, as they are there now: what the program's owner puts beside the assets that are built in.
// Owns:    the thread that opens and reads them. Outlives the server.
// Thread:  the loop's.
// Limits:  kOpeningMax, kOpenMax; one more gets 503. Files have any size, and their names no segment that begins with a
// dot.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "http/file_thread.hpp"
#include "http/open_beneath.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace pomiar::http {

class StaticFiles {
  public:
    static constexpr std::size_t kOpeningMax = 16;  // requests whose file is not open yet
    static constexpr std::size_t kOpenMax = 128;    // files that are being sent; each is a descriptor

    // The directory may come and go while the server runs.
    StaticFiles(Executor& loop, std::string directory) : directory_(std::move(directory)), thread_(loop) {}

    // For a route "/NAME/{path*}". HEAD, If-None-Match, If-Modified-Since, Range with one part and If-Range are heeded.
    Task<Response> get(Request& request);

    FileThread& thread() { return thread_; }

  private:
    Response answer(const Request& request, std::string_view content_type, OpenFile file);

    std::string directory_;
    FileThread thread_;
    std::size_t opening_ = 0;
    std::size_t open_ = 0;
};

// What a request's path says behind its first segment, decoded, as a path below a directory: no segment is empty,
// begins with a dot or has a slash, a backslash or a control character in it. Nothing: it says something else.
std::optional<std::string> path_beneath(std::string_view request_path);

}  // namespace pomiar::http
