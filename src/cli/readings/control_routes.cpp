#include "cli/readings/control_routes.hpp"

#include <algorithm>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/readings/control_protocol.hpp"
#include "cli/readings/row_page.hpp"
#include "ingest/csv.hpp"
#include "ingest/line_protocol.hpp"
#include "sql/snapshot_rows.hpp"
#include "web/access/guard.hpp"

namespace pomiar::cli {
namespace {

using http::Request;
using http::Response;
using storage::AppendOutcome;
using storage::Batch;

constexpr std::ptrdiff_t kSeriesOfOneAnswer = 1'000;

// co_await: the store takes the batch on its own thread, then the coroutine goes on upon the loop.
class Append {
  public:
    Append(storage::Store& store, Executor& loop, Batch batch) : store_(store), loop_(loop), batch_(std::move(batch)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        store_.append(std::move(batch_), [this, waiting](AppendOutcome outcome) {
            outcome_ = std::move(outcome);
            loop_.post([waiting] { waiting.resume(); });
        });
    }
    AppendOutcome await_resume() { return std::move(outcome_); }

  private:
    storage::Store& store_;
    Executor& loop_;
    Batch batch_;
    AppendOutcome outcome_;
};

// co_await: what `work` makes of a snapshot, on the reader's thread.
template <class Answer>
class Read {
  public:
    using Work = std::move_only_function<Result<Answer>(storage::Snapshot&)>;
    Read(storage::Store& store, Executor& loop, Work work) : store_(store), loop_(loop), work_(std::move(work)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        store_.read([this, waiting](storage::Snapshot* snapshot) {
            if (snapshot == nullptr) {
                answer_ = failure(ErrorKind::busy, "too many wait to read");
            } else {
                answer_ = work_(*snapshot);
            }
            loop_.post([waiting] { waiting.resume(); });
        });
    }
    Result<Answer> await_resume() { return std::move(*answer_); }

  private:
    storage::Store& store_;
    Executor& loop_;
    Work work_;
    std::optional<Result<Answer>> answer_;
};

// co_await: work of the store that tells when it is done, on a thread of its own.
class Done {
  public:
    using Work = std::move_only_function<void(std::move_only_function<void(Result<>)>)>;
    Done(Executor& loop, Work work) : loop_(loop), work_(std::move(work)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        work_([this, waiting](Result<> done) {
            done_ = std::move(done);
            loop_.post([waiting] { waiting.resume(); });
        });
    }
    Result<> await_resume() { return std::move(done_); }

  private:
    Executor& loop_;
    Work work_;
    Result<> done_;
};

class Control {
  public:
    Control(storage::Store& store, Executor& loop) : store_(store), loop_(loop) {}

    Task<Response> append(Request& request) {
        Batch batch;
        ingest::LineReport report;
        if (request.content_type() == kControlCsv) {
            ingest::CsvReader reader;
            auto read = reader.feed(request.body, batch);
            if (read) read = reader.finish(batch);
            if (!read) co_return Response::of(read.error());
            report = reader.report();
        } else {
            parser_.parse(request.body, {}, batch, report);
        }
        if (report.refused > 0) co_return Response::problem(400, report.errors.front().text());
        AppendOutcome outcome = co_await Append(store_, loop_, std::move(batch));
        if (outcome.failure) co_return Response::of(*outcome.failure);
        co_return Response::text(refusals_text(outcome.refused));
    }

    Task<Response> page(Request& request) {
        auto wanted = parse_export_query(request.query_pairs());
        if (!wanted) co_return Response::of(wanted.error());
        auto page = co_await Read<ExportPage>(
            store_, loop_, [&](storage::Snapshot& snapshot) { return export_page(snapshot, *wanted); });
        if (!page) co_return Response::of(page.error());
        Response response = Response::text(std::move(page->text));
        if (page->more) response.headers.set("Pomiar-Next", fmt::format("{} {}", page->series, page->after));
        if (page->left_out > 0) response.headers.set("Pomiar-Left-Out", fmt::format("{}", page->left_out));
        tell_damage(response, page->damage);
        co_return response;
    }

    Task<Response> series(Request& request) {
        const auto query = request.query_pairs();
        const auto after = parse_uint64(query.empty() ? "0" : query.front().second);
        if (!after) co_return Response::problem(400, "after: this is no id of a series");
        auto page = co_await Read<std::vector<storage::SeriesInfo>>(
            store_, loop_, [&](storage::Snapshot& snapshot) -> Result<std::vector<storage::SeriesInfo>> {
                return part_of(snapshot.series(), *after);
            });
        if (!page) co_return Response::of(page.error());
        Response response = Response::text(series_text(*page));
        if (!page->empty()) response.headers.set("Pomiar-Next", fmt::format("{}", page->back().id));
        co_return response;
    }

    Task<Response> rows(Request& request) {
        auto wanted = parse_rows_query(request.query_pairs());
        if (!wanted) co_return Response::of(wanted.error());
        auto ids = parse_ids(request.body);
        if (!ids) co_return Response::of(ids.error());
        auto page = co_await Read<query::Page>(
            store_, loop_, [&](storage::Snapshot& snapshot) { return sql::read_rows(snapshot, *ids, *wanted); });
        if (!page) co_return Response::of(page.error());
        Response response = Response::text(encode_rows(*page));
        if (page->next) response.headers.set("Pomiar-Next", query::format_position(*page->next));
        tell_damage(response, page->damage);
        co_return response;
    }

    Task<Response> spans(Request& request) {
        auto wanted = parse_spans_query(request.query_pairs());
        if (!wanted) co_return Response::of(wanted.error());
        auto page = co_await Read<query::SpanPage>(store_, loop_, [&](storage::Snapshot& snapshot) {
            return sql::read_spans(snapshot, wanted->series, wanted->query);
        });
        if (!page) co_return Response::of(page.error());
        Response response = Response::text(encode_spans(*page));
        if (page->next) response.headers.set("Pomiar-Next", fmt::format("{}", *page->next));
        tell_damage(response, page->damage);
        co_return response;
    }

    Task<Response> remove(Request& request) {
        const auto range = parse_removal_query(request.query_pairs());
        if (!range) co_return Response::of(range.error());
        auto ids = parse_ids(request.body);
        if (!ids) co_return Response::of(ids.error());
        const auto removed = co_await Done(loop_, [&](std::move_only_function<void(Result<>)> done) {
            store_.remove(std::move(*ids), *range, std::move(done));
        });
        co_return removed ? Response::empty(200) : Response::of(removed.error());
    }

    Task<Response> seal() {
        const auto sealed =
            co_await Done(loop_, [&](std::move_only_function<void(Result<>)> done) { store_.seal(std::move(done)); });
        co_return sealed ? Response::empty(200) : Response::of(sealed.error());
    }

  private:
    static void tell_damage(Response& response, const std::optional<Error>& damage) {
        if (!damage) return;
        std::string message = damage->message;
        std::ranges::replace_if(message, [](char c) { return c < 0x20 || c > 0x7e; }, ' ');
        response.headers.set("Pomiar-Damage", message);
    }

    // Some of the series that come after one of them; none, when it was the last.
    static std::vector<storage::SeriesInfo> part_of(const std::vector<storage::SeriesInfo>& all, std::uint64_t after) {
        auto first = std::ranges::upper_bound(all, after, {}, &storage::SeriesInfo::id);
        const auto count = std::min<std::ptrdiff_t>(kSeriesOfOneAnswer, all.end() - first);
        return {first, first + count};
    }

    storage::Store& store_;
    Executor& loop_;
    ingest::LineProtocolParser parser_;
};

}  // namespace

void add_control_routes(http::Router& router, storage::Store& store, Executor& loop) {
    const auto control = std::make_shared<Control>(store, loop);
    const http::RouteOptions options{.body_bytes_max = kControlBodyMax,
                                     .decompressed_bytes_max = kControlBodyMax,
                                     .tag = access::route_tag(access::Need::admin),
                                     .log = false};
    router.post(kControlAppend, [control](Request& request) { return control->append(request); }, options);
    router.get(kControlExport, [control](Request& request) { return control->page(request); }, options);
    router.get(kControlSeries, [control](Request& request) { return control->series(request); }, options);
    router.post(kControlRows, [control](Request& request) { return control->rows(request); }, options);
    router.get(kControlSpans, [control](Request& request) { return control->spans(request); }, options);
    router.post(kControlRemove, [control](Request& request) { return control->remove(request); }, options);
    router.post(kControlSeal, [control](Request&) { return control->seal(); }, options);
}

}  // namespace pomiar::cli
