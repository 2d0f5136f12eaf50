#include "web/pages/page_maker.hpp"

#include <array>

#include <fmt/core.h>

#include "base/log.hpp"
#include "http/form.hpp"
#include "web/access/guard.hpp"
#include "web/access/next_path.hpp"

namespace pomiar::web {
namespace {

using http::Request;
using http::Response;
using jinja::Value;

constexpr std::size_t kHostBytesMax = 255;

// What the pages of errors are called.
[[maybe_unused]] constexpr std::array kTitles{
    N_("Bad Request"),           N_("Unauthorized"),       N_("Forbidden"),         N_("Not Found"),
    N_("Method Not Allowed"),    N_("Conflict"),           N_("Content Too Large"), N_("Too Many Requests"),
    N_("Internal Server Error"), N_("Service Unavailable")};

bool wants_page(const Request& request) {
    return request.headers.names("Accept", "text/html");
}

}  // namespace

Response as_page(Response response) {
    response.header("Content-Type", "text/html; charset=utf-8");
    response.header("Cache-Control", "no-store");
    return response;
}

std::string origin_of(const Request& request) {
    const std::string_view host = request.headers.get("Host");
    const bool is_host =
        !host.empty() && host.size() <= kHostBytesMax &&
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
            std::string_view::npos;
    return fmt::format("{}://{}", request.secure ? "https" : "http", is_host ? host : "localhost");
}

std::string page_before(const Request& request) {
    const std::string_view referer = request.headers.get("Referer");
    const std::string origin = origin_of(request);
    return access::safe_next(referer.starts_with(origin) ? referer.substr(origin.size()) : "/");
}

PageMaker::PageMaker(const Clock& clock, access::Access& access, const PagesOptions& options)
    : clock_(clock),
      access_(access),
      languages_(options.languages),
      own_pages_(options.own_pages),
      renderer_({options.templates, options.asset_paths, options.languages, options.version}) {}

Look PageMaker::look(const Request& request) const {
    return look_of(request, access_, languages_);
}

PageFrame PageMaker::frame(const Request& request, std::string_view title) const {
    const Look seen = look(request);
    return {.title = std::string(seen.language->text(title)),
            .language = seen.language,
            .theme = std::string(seen.theme),
            .csrf = access::principal_of(request).csrf,
            .origin = origin_of(request),
            .signed_in = seen.viewer == Viewer::signed_in,
            .sign_in = seen.viewer == Viewer::may_sign_in,
            .now = clock_.now(),
            .pages = own_pages_->list()};
}

Response PageMaker::show(std::string_view name, const PageFrame& frame, std::pair<std::string_view, Value> more,
                         int status) {
    const Value values = Value::object({{"page", renderer_.frame(frame)}, std::move(more)});
    auto html = renderer_.render(name, values, *frame.language);
    if (!html) {
        log::error("page {}: {}", name, html.error().message);
        return Response::problem(500, "this page cannot be made; the server's log says why");
    }
    Response response;
    response.status = status;
    response.body = std::move(*html);
    return as_page(std::move(response));
}

Response PageMaker::problem(const Request& request, const http::Problem& problem) {
    if (!wants_page(request)) return Response::problem(problem);
    const std::string_view title = problem.title.empty() ? http::reason_phrase(problem.status) : problem.title;
    const PageFrame seen = frame(request, title);
    const Value values = Value::object({{"status", problem.status}, {"title", seen.title}, {"detail", problem.detail}});
    Response response = show("error.html", seen, {"error", values}, problem.status);
    if (problem.retry_after > 0) response.headers.set("Retry-After", fmt::format("{}", problem.retry_after));
    return response;
}

std::optional<Response> PageMaker::refuse_form(const Request& request, const http::Pairs& form) {
    const std::string* csrf = http::find(form, "csrf");
    if (csrf != nullptr && access::csrf_matches(request, *csrf)) return std::nullopt;
    return problem(request, {.status = 403, .detail = "the form is too old; please open the page again"});
}

}  // namespace pomiar::web
