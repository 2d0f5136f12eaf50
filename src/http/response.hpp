// What a handler answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/headers.hpp"
#include "http/problem.hpp"
#include "http/shared_body.hpp"

namespace pomiar::http {

class EventStream;
class FileBody;
class Pieces;

// The body is one of: `body`; `fixed` (bytes that outlive the response, such as embedded assets); `shared` (one
// immutable text for many responses); `file`; `pieces`; `events`. The server adds Content-Length or Transfer-Encoding,
// Date and Connection, and leaves out the body for HEAD, 204 and 304.
struct Response {
    int status = 200;
    Headers headers = {};
    std::string body = {};
    std::shared_ptr<const SharedBody> shared = {};
    std::string_view fixed = {};
    std::shared_ptr<FileBody> file = {};
    std::shared_ptr<Pieces> pieces = {};
    std::shared_ptr<EventStream> events = {};
    bool compress = false;  // gzip it if the client takes that and it is larger than 1 KiB

    Response& header(std::string_view name, std::string_view value) & {
        headers.set(name, value);
        return *this;
    }
    Response&& header(std::string_view name, std::string_view value) && {
        headers.set(name, value);
        return std::move(*this);
    }

    static Response empty(int status = 204);
    static Response json(std::string body, int status = 200);
    static Response html(std::string body, int status = 200);
    static Response text(std::string body, int status = 200);  // text/plain, UTF-8
    static Response bytes(std::string_view content_type, std::string body, int status = 200);
    static Response redirect(std::string_view location, int status = 303);
    static Response problem(const Problem& problem);
    static Response problem(int status, std::string detail);
    static Response of(const Error& error);  // problem_of()
    static Response stream(std::shared_ptr<EventStream> events);
};

// The response's body where it is in memory, whichever of those kinds it is; else "".
std::string_view body_of(const Response& response);
// In bytes, also of a file; 0 for pieces and events.
std::uint64_t body_size(const Response& response);

}  // namespace pomiar::http
