#include "web/security_headers.hpp"

namespace pomiar::web {
namespace {

using http::Request;
using http::Response;

// A drawing that is opened by itself may have its own style, but no script.
constexpr std::string_view kDrawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kUnwantedFeatures =
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()";
constexpr std::string_view kForAYear = "max-age=31536000";

std::string_view policy_for(std::string_view content_type) {
    if (content_type.starts_with("text/html")) return kPagePolicy;
    return content_type.starts_with("image/svg+xml") ? kDrawingPolicy : kDataPolicy;
}

void secure(const Request& request, Response& response, SecurityHeaders options) {
    http::Headers& headers = response.headers;
    headers.set_default("X-Content-Type-Options", "nosniff");
    if (options.strict_transport && request.secure) headers.set_default("Strict-Transport-Security", kForAYear);
    // Nothing to show or embed: what sensors get, thousands of times a day.
    if (response.status == 204 || response.status == 304) return;
    const std::string_view type = headers.get("Content-Type");
    const bool is_page = type.starts_with("text/html");
    headers.set_default("Content-Security-Policy", policy_for(type));
    headers.set_default("Referrer-Policy", "same-origin");
    headers.set_default("Cross-Origin-Resource-Policy", "same-origin");
    if (!is_page) return;
    headers.set_default("Cross-Origin-Opener-Policy", "same-origin");
    headers.set_default("Permissions-Policy", kUnwantedFeatures);
}

}  // namespace

void add_security_headers(http::Router& router, SecurityHeaders options) {
    router.after([options](const Request& request, Response& response) { secure(request, response, options); });
}

}  // namespace pomiar::web
