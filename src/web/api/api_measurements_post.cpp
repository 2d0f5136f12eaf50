#include <fmt/core.h>

#include "base/text.hpp"
#include "http/form.hpp"
#include "ingest/form.hpp"
#include "ingest/measurements_json.hpp"
#include "web/access/guard.hpp"
#include "web/api/api_measurements.hpp"
#include "web/api/forbidden_sensor.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

using http::Response;

constexpr std::size_t kFaultsMax = 100;  // told in one answer, the rest is counted

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

std::string_view type_of(ErrorKind kind) {
    if (kind == ErrorKind::conflict) return "type_conflict";
    return kind == ErrorKind::full ? "too_many_series" : "refused";
}

// Elements that could not be read and values that the store did not take are told at the same places.
http::Problem::Fault fault_of(const storage::Refusal& refusal, const ingest::BodyReport& report) {
    const std::string member = refusal.reading ? ingest::value_member(refusal.reading->field) : std::string();
    return {ingest::location_in_body(report.is_list, refusal.origin - 1, member), refusal.message,
            std::string(type_of(refusal.kind))};
}

// How much was refused, for not all of it may have a fault of its own.
std::string summary(const ingest::BodyReport& report, const storage::AppendOutcome& outcome, std::size_t told) {
    std::string text =
        outcome.stored == 0 ? "nothing was stored" : fmt::format("{} readings were stored", outcome.stored);
    if (report.refused > 0) text += fmt::format("; {} measurements were refused", report.refused);
    if (!outcome.refused.empty()) text += fmt::format("; {} single values were refused", outcome.refused.size());
    return text += told < kFaultsMax ? "; `errors` says why" : fmt::format("; `errors` has the first {} faults", told);
}

// Something was wrong in a body that could be read; the rest of it is stored.
Response partly_refused(ingest::BodyReport report, const storage::AppendOutcome& outcome) {
    http::Problem problem;
    problem.status = 422;
    for (auto& error : report.errors) {
        problem.errors.push_back({std::move(error.loc), std::move(error.msg), std::move(error.type)});
    }
    for (const storage::Refusal& refusal : outcome.refused) {
        if (problem.errors.size() >= kFaultsMax) break;
        problem.errors.push_back(fault_of(refusal, report));
    }
    problem.detail = summary(report, outcome, problem.errors.size());
    return Response::problem(problem);
}

}  // namespace

Task<Response> MeasurementsApi::post(http::Request& request) {
    if (auto known = only_parameters(request, {}); !known) co_return refuse(known.error());
    if (!is_known_type(request.content_type())) {
        co_return Response::problem(415, "send application/json or application/x-www-form-urlencoded");
    }
    storage::Batch batch;
    ingest::BodyReport report;
    if (auto parsed = parse_body(request, context_.store.arrival_time(), batch, report); !parsed) {
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
