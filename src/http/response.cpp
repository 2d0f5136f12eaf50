#include "http/response.hpp"

#include <utility>

#include <fmt/core.h>

#include "http/events.hpp"
#include "http/file_body.hpp"

namespace pomiar::http {

Response Response::empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response Response::bytes(std::string_view content_type, std::string body, int status) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", content_type);
    response.body = std::move(body);
    return response;
}

Response Response::json(std::string body, int status) {
    return bytes("application/json", std::move(body), status);
}

Response Response::html(std::string body, int status) {
    Response response = bytes("text/html; charset=utf-8", std::move(body), status);
    response.compress = true;
    return response;
}

Response Response::text(std::string body, int status) {
    return bytes("text/plain; charset=utf-8", std::move(body), status);
}

Response Response::redirect(std::string_view location, int status) {
    Response response = empty(status);
    response.headers.add("Location", location);
    response.headers.add("Cache-Control", "no-store");
    return response;
}

Response Response::problem(const Problem& problem) {
    Response response = bytes("application/problem+json", to_json(problem), problem.status);
    response.headers.add("Cache-Control", "no-store");
    if (problem.retry_after > 0) response.headers.add("Retry-After", fmt::format("{}", problem.retry_after));
    return response;
}

Response Response::problem(int status, std::string detail) {
    Problem problem;
    problem.status = status;
    problem.detail = std::move(detail);
    return Response::problem(problem);
}

Response Response::of(const Error& error) {
    return problem(problem_of(error));
}

Response Response::stream(std::shared_ptr<EventStream> events) {
    Response response;
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Accel-Buffering", "no");  // nginx: pass events on at once
    response.events = std::move(events);
    return response;
}

std::string_view body_of(const Response& response) {
    if (!response.fixed.empty()) return response.fixed;
    if (response.shared) return response.shared->text();
    return response.body;
}

std::uint64_t body_size(const Response& response) {
    return response.file ? response.file->size() : body_of(response).size();
}

}  // namespace pomiar::http
