#include "http/https_redirect.hpp"

#include <fmt/core.h>

#include "http/host.hpp"

namespace pomiar::http {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

Response redirect(const Request& request, std::uint16_t port) {
    const auto asked = parse_host(request.headers.get("Host"));
    if (!asked) return Response::problem(400, "this address only leads to HTTPS, and needs to be told the host");
    const std::string place = port == kHttpsPort ? "" : fmt::format(":{}", port);
    return Response::redirect(fmt::format("https://{}{}{}", asked->host, place, request.target), 308);
}

}  // namespace

// There are no routes, so whatever is asked for is not found here.
Router redirect_to_https(std::uint16_t port) {
    Router router;
    router.otherwise([port](const Request& request, const Problem& problem) {
        return problem.status == 404 ? redirect(request, port) : Response::problem(problem);
    });
    // It follows the configuration: nobody should remember it.
    router.after([](const Request&, Response& response) { response.headers.set_default("Cache-Control", "no-store"); });
    return router;
}

}  // namespace pomiar::http
