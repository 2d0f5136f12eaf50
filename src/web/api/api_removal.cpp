#include "web/api/api_removal.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "query/range.hpp"
#include "web/access/guard.hpp"
#include "web/api/json_text.hpp"
#include "web/api/parameters.hpp"
#include "web/api/removal.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

using http::Request;
using http::Response;
using storage::Store;
using storage::TimeRange;

constexpr int kPlansMax = 3;  // that something may come between; then it goes without an undo

struct RemovalQuestion {
    RemovalQuery query;
    bool open_ended = false;  // no `to`: up to the newest that there is, and not what comes meanwhile
};

Result<RemovalQuestion> parse_removal(const Request& request, Nanoseconds now) {
    if (auto known = only_parameters(request, {"sensor", "field", "from", "to"}); !known) {
        return failure(std::move(known));
    }
    RemovalQuestion question;
    auto sensor = required_parameter(request, "sensor");
    if (!sensor) return failure(std::move(sensor));
    question.query.sensor = std::move(*sensor);
    question.query.field = request.query("field").value_or("");
    const std::string to = request.query("to").value_or("");
    auto range = query::parse_range(request.query("from").value_or(""), to, now, storage::kAllTime);
    if (!range) return failure(std::move(range));
    question.query.range = *range;
    question.open_ended = to.empty();
    return question;
}

// Those that wait for their time to come go with the range, and cannot be brought back to where they are.
void add_waiting(RemovalPlan& plan, const std::vector<Store::Ahead>& ahead, TimeRange range) {
    for (const Store::Ahead& each : ahead) {
        const bool meant = std::ranges::any_of(plan.series, [&](const storage::SeriesInfo& info) {
            return info.sensor == each.sensor && info.field == each.field;
        });
        if (!meant || each.last < range.from || each.first >= range.to) continue;
        if (each.first >= range.from && each.last < range.to) plan.count += each.count;
        plan.is_exact = false;
    }
}

std::vector<storage::SeriesId> ids_of(const RemovalPlan& plan) {
    std::vector<storage::SeriesId> ids;
    ids.reserve(plan.series.size());
    for (const storage::SeriesInfo& info : plan.series) ids.push_back(info.id);
    return ids;
}

// Not Need::admin, which is about the whole: one that may do all with some sensors removes those.
std::optional<Error> forbidden(const access::Principal& principal) {
    if (principal.may(access::Can::admin)) return std::nullopt;
    return Error{ErrorKind::denied, "This token may not remove readings"};
}

Response answer(std::uint64_t count, std::string_view key) {
    std::string body = fmt::format("{{\"removed\":{},\"undo\":", count);
    if (key.empty()) {
        body += "null";
    } else {
        append_json_string(body, key);
    }
    return Response::json(body += "}\n");
}

}  // namespace

Task<Response> RemovalApi::remove(Request& request) {
    if (const auto no = forbidden(access::principal_of(request))) co_return refuse(*no);
    auto question = parse_removal(request, context_.clock.now());
    if (!question) co_return refuse(question.error());
    RemovalQuery& query = question->query;
    query.only = access::principal_of(request).only;
    if (!query.sensor.starts_with(query.only)) {
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not touch `{}`", query.sensor)});
    }
    for (int tries = 1;; ++tries) {
        auto job = [query](storage::Snapshot& snapshot) { return plan_removal(snapshot, query); };
        auto planning = read(context_.store, context_.loop, std::move(job));
        auto plan = co_await planning;
        if (!plan) co_return refuse(plan.error());
        TimeRange range = query.range;
        if (question->open_ended) {
            if (plan->count == 0) co_return answer(0, "");
            if (plan->newest < storage::kAllTime.to) range.to = plan->newest + 1;
        } else {
            add_waiting(*plan, context_.store.ahead(), range);
        }
        // What came since the plan would go and could not be brought back: then another one is made.
        const bool can_be_undone = plan->is_exact && tries <= kPlansMax;
        auto removing = web::remove(context_.store, context_.loop, ids_of(*plan), range,
                                    can_be_undone ? std::optional(plan->version) : std::nullopt);
        const Result<> done = co_await removing;
        if (!done && done.error().kind == ErrorKind::conflict) continue;
        if (!done) co_return refuse(done.error());
        std::string key;
        if (can_be_undone) key = removed_->keep(std::move(plan->copy), context_.clock.monotonic());
        co_return answer(plan->count, key);
    }
}

Task<Response> RemovalApi::undo(Request& request) {
    if (const auto no = forbidden(access::principal_of(request))) co_return refuse(*no);
    if (auto known = only_parameters(request, {"undo"}); !known) co_return refuse(known.error());
    const auto key = required_parameter(request, "undo");
    if (!key) co_return refuse(key.error());
    const auto removed = removed_->get(*key, context_.clock.monotonic());
    const access::Principal& principal = access::principal_of(request);
    const bool known = removed && std::ranges::all_of(removed->series, [&](const Removed::Series& each) {
                           return principal.may_touch(each.sensor);
                       });
    if (!known && !principal.only.empty()) co_return refuse({ErrorKind::denied, "undo: this token may not undo that"});
    if (!known) {
        co_return refuse({ErrorKind::not_found,
                          "undo: this removal is not known any more; the last ones are, for ten "
                          "minutes"});
    }
    auto storing = append(context_.store, context_.loop, removed->as_batch());
    const storage::AppendOutcome outcome = co_await storing;
    if (outcome.failure) co_return refuse(*outcome.failure);
    if (!outcome.refused.empty()) co_return refuse({ErrorKind::conflict, outcome.refused.front().message});
    removed_->forget(*key);
    co_return Response::json(fmt::format("{{\"restored\":{}}}\n", outcome.stored));
}

}  // namespace pomiar::web
