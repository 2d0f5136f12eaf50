#include "http/problem.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

constexpr int kRetryAfterSeconds = 5;

// Bytes that are not UTF-8 become U+FFFD one by one.
std::string_view utf8_step(std::string_view text) {
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (is_utf8(text.substr(0, length))) return text.substr(0, length);
    }
    return {};
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
            text.remove_prefix(1);
        } else if (c < 0x20) {
            out += fmt::format("\\u{:04x}", c);
            text.remove_prefix(1);
        } else if (const std::string_view character = utf8_step(text); !character.empty()) {
            out += character;
            text.remove_prefix(character.size());
        } else {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        }
    }
    out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
}

}  // namespace

std::string to_json(const Problem& problem) {
    std::string out = "{";
    append_member(out, "type", problem.type);
    out += ',';
    append_member(out, "title", problem.title.empty() ? reason_phrase(problem.status) : problem.title);
    out += fmt::format(",\"status\":{}", problem.status);
    if (!problem.detail.empty()) {
        out += ',';
        append_member(out, "detail", problem.detail);
    }
    if (!problem.errors.empty()) {
        out += ",\"errors\":[";
        for (const Problem::Fault& fault : problem.errors) {
            if (out.back() != '[') out += ',';
            out += '{';
            append_member(out, "loc", fault.location);
            out += ',';
            append_member(out, "msg", fault.message);
            out += ',';
            append_member(out, "type", fault.type);
            out += '}';
        }
        out += ']';
    }
    return out += '}';
}

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 422;
        case ErrorKind::too_large:
            return 413;
        case ErrorKind::denied:
            return 403;
        case ErrorKind::busy:
        case ErrorKind::full:
        case ErrorKind::unavailable:
            return 503;
        case ErrorKind::io:
        case ErrorKind::corrupt:
            break;
    }
    return 500;
}

Problem problem_of(const Error& error) {
    Problem problem;
    problem.status = status_of(error.kind);
    problem.detail = problem.status == 500 ? "the server could not do this; its log says why" : error.message;
    if (problem.status == 503) problem.retry_after = kRetryAfterSeconds;
    return problem;
}

std::string_view reason_phrase(int status) {
    switch (status) {
            // clang-format off
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        // clang-format on
        default:
            return status < 400 ? "OK" : "Error";
    }
}

}  // namespace pomiar::http
