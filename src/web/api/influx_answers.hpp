// Errors as InfluxDB 1 and 2 tell them: {"error":"…"}, and {"code":"invalid","message":"…"}. Pure functions.
#pragma once

#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace pomiar::web {

// What clients that ask for a version are told: the one whose answers these are.
inline constexpr std::string_view kInfluxVersion = "1.8.10";

enum class Influx { v1, v2 };  // whose words

// 503 asks to come again.
http::Response influx_error(Influx version, int status, std::string_view message);

// Refusals of the server and of the guard (401, 413, 503 …) in the same form, for RouteOptions::problem.
http::Response influx1_problem(const http::Request& request, const http::Problem& problem);
http::Response influx2_problem(const http::Request& request, const http::Problem& problem);

}  // namespace pomiar::web
