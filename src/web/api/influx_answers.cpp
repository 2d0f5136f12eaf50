#include "web/api/influx_answers.hpp"

#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "web/api/json_text.hpp"

namespace pomiar::web {
namespace {

constexpr int kRetryAfterSeconds = 5;
constexpr std::size_t kHeaderTextMax = 512;

// InfluxDB 2's names of kinds of errors.
std::string_view code_of(int status) {
    switch (status) {
        case 401:
            return "unauthorized";
        case 403:
            return "forbidden";
        case 404:
            return "not found";
        case 405:
            return "method not allowed";
        case 413:
            return "request too large";
        case 422:
            return "unprocessable entity";
        case 503:
            return "unavailable";
        default:
            return status < 500 ? "invalid" : "internal error";
    }
}

// The first line of the message, as far as a header can hold it.
std::string header_text(std::string_view message) {
    std::string text(message.substr(0, std::min(message.find_first_of("\r\n"), kHeaderTextMax)));
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e) c = '?';
    }
    return text;
}

// A client that may not is told so in words that it knows.
std::string_view message_of(const http::Problem& problem, std::string_view unauthorized) {
    if (problem.status == 401) return unauthorized;
    return problem.detail.empty() ? http::reason_phrase(problem.status) : std::string_view(problem.detail);
}

}  // namespace

http::Response influx_error(Influx version, int status, std::string_view message) {
    std::string body = "{";
    if (version == Influx::v2) {
        body += fmt::format("\"code\":\"{}\",\"message\":", code_of(status));
    } else {
        body += "\"error\":";
    }
    append_json_string(body, message);
    body += "}\n";
    http::Response response = http::Response::json(std::move(body), status);
    response.header("Cache-Control", "no-store");
    if (version == Influx::v1) {
        response.header("X-Influxdb-Version", kInfluxVersion);
        response.header("X-Influxdb-Error", header_text(message));
    } else {
        response.header("X-Platform-Error-Code", code_of(status));
    }
    if (status == 503) response.header("Retry-After", fmt::format("{}", kRetryAfterSeconds));
    return response;
}

http::Response influx1_problem(const http::Request&, const http::Problem& problem) {
    return influx_error(Influx::v1, problem.status, message_of(problem, "authorization failed"));
}

http::Response influx2_problem(const http::Request&, const http::Problem& problem) {
    return influx_error(Influx::v2, problem.status, message_of(problem, "unauthorized access"));
}

}  // namespace pomiar::web
