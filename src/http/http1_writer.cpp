#include "http/http1_writer.hpp"

#include <charconv>

namespace pomiar::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    out.append(buffer, end);
}

}  // namespace

void append_head(std::string& out, const Response& response, const Http1Head& head) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    response.headers.append_to(out);
    out.append("Date: ").append(head.date).append("\r\n");
    if (head.content_length) {
        out.append("Content-Length: ");
        append_number(out, *head.content_length);
        out.append("\r\n");
    }
    if (head.chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (!head.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (head.http_1_0) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

}  // namespace pomiar::http
