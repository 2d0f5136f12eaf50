#include <fmt/core.h>

#include "base/text.hpp"
#include "http/form.hpp"
#include "ingest/form.hpp"
#include "ingest/measurements_json.hpp"
#include "web/access/guard.hpp"
#include "web/api_measurements.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

using http::Response;

constexpr std::size_t kFaultsMax = 100;  // told in one answer; the rest is counted

bool looks_like_json(std::string_view body) {
    const std::string_view text = trim(body);
    return !text.empty() && (text.front() == '{' || text.front() == '[');
}

// What the body holds goes into the batch. `curl -d '{…}'` calls JSON a form: the first character decides before that.
Result<> parse_body(const http::Request& request, Nanoseconds now, storage::Batch& batch, ingest::BodyReport& report) {
    const std::string_view type = request.content_type();
    const bool is_form = equal_ignoring_case(type, "application/x-www-form-urlencoded");
    if (!is_form || looks_like_json(request.body)) {
        return ingest::parse_measurements_json(request.body, now, batch, report);
    }
    auto form = http::parse_form(request.body);
    if (!form) return failure(std::move(form));
    ingest::parse_form(*form, now, batch, report);
    return {};
}

bool is_known_type(std::string_view type) {
    return type.empty() || equal_ignoring_case(type, "application/json") ||
           equal_ignoring_case(type, "application/x-www-form-urlencoded") || equal_ignoring_case(type, "text/json");
}

std::optional<std::string_view> forbidden_sensor(const storage::Batch& batch, const access::Principal& principal) {
    if (principal.only.empty()) return std::nullopt;
    for (std::uint32_t i = 0; i < batch.series_count(); ++i) {
        if (!principal.may_touch(batch.sensor(i))) return batch.sensor(i);
    }
    return std::nullopt;
}

// Something was wrong in a body that could be read; the rest of it is stored.
Response partly_refused(ingest::BodyReport report, const storage::AppendOutcome& outcome) {
    http::Problem problem;
    problem.status = 422;
    problem.detail = outcome.stored == 0
                         ? "nothing was stored; `errors` says why"
                         : fmt::format("{} readings were stored; `errors` says what was not", outcome.stored);
    for (auto& error : report.errors) {
        problem.errors.push_back({std::move(error.loc), std::move(error.msg), std::move(error.type)});
    }
    for (const storage::Refusal& refusal : outcome.refused) {
        if (problem.errors.size() >= kFaultsMax) break;
        const std::string_view type = refusal.kind == ErrorKind::conflict ? "type_conflict"
                                      : refusal.kind == ErrorKind::full   ? "too_many_series"
                                                                          : "refused";
        std::string place = report.elements == 1 ? "body" : fmt::format("body[{}]", refusal.origin - 1);
        problem.errors.push_back({std::move(place), refusal.message, std::string(type)});
    }
    return Response::problem(problem);
}

}  // namespace

Task<Response> MeasurementsApi::post(http::Request& request) {
    if (!is_known_type(request.content_type())) {
        co_return Response::problem(415, "send application/json or application/x-www-form-urlencoded");
    }
    storage::Batch batch;
    ingest::BodyReport report;
    if (auto parsed = parse_body(request, context_.clock.now(), batch, report); !parsed) {
        co_return Response::of(parsed.error());
    }
    if (const auto sensor = forbidden_sensor(batch, access::principal_of(request))) {
        co_return Response::problem(403, fmt::format("this token may not write sensor `{}`", *sensor));
    }
    storage::AppendOutcome outcome;
    if (!batch.empty()) {
        auto appending = append(context_.store, context_.loop, std::move(batch));
        outcome = co_await appending;
    }
    if (outcome.failure) co_return Response::of(*outcome.failure);
    if (report.refused > 0 || !outcome.refused.empty()) co_return partly_refused(std::move(report), outcome);
    co_return Response::empty(204);
}

}  // namespace pomiar::web
