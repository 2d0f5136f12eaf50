#include "cli/readings/control_routes.hpp"

#include <algorithm>
#include <coroutine>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "cli/readings/control_protocol.hpp"
#include "ingest/csv.hpp"
#include "ingest/line_protocol.hpp"
#include "web/access/guard.hpp"

namespace pomiar::cli {
namespace {

using http::Request;
using http::Response;
using storage::AppendOutcome;
using storage::Batch;

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

class ReadPage {
  public:
    ReadPage(storage::Store& store, Executor& loop, ExportRequest request)
        : store_(store), loop_(loop), request_(std::move(request)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        store_.read([this, waiting](storage::Snapshot* snapshot) {
            if (snapshot == nullptr) {
                page_ = failure(ErrorKind::busy, "too many wait to read");
            } else {
                page_ = export_page(*snapshot, request_);
            }
            loop_.post([waiting] { waiting.resume(); });
        });
    }
    Result<ExportPage> await_resume() { return std::move(*page_); }

  private:
    storage::Store& store_;
    Executor& loop_;
    ExportRequest request_;
    std::optional<Result<ExportPage>> page_;
};

class Seal {
  public:
    Seal(storage::Store& store, Executor& loop) : store_(store), loop_(loop) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        store_.seal([this, waiting](Result<> sealed) {
            sealed_ = std::move(sealed);
            loop_.post([waiting] { waiting.resume(); });
        });
    }
    Result<> await_resume() { return std::move(sealed_); }

  private:
    storage::Store& store_;
    Executor& loop_;
    Result<> sealed_;
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
        auto page = co_await ReadPage(store_, loop_, std::move(*wanted));
        if (!page) co_return Response::of(page.error());
        Response response = Response::text(std::move(page->text));
        if (page->more) response.headers.set("Pomiar-Next", fmt::format("{} {}", page->series, page->after));
        if (page->left_out > 0) response.headers.set("Pomiar-Left-Out", fmt::format("{}", page->left_out));
        if (page->damage) {
            std::string message = page->damage->message;
            std::ranges::replace_if(message, [](char c) { return c < 0x20 || c > 0x7e; }, ' ');
            response.headers.set("Pomiar-Damage", message);
        }
        co_return response;
    }

    Task<Response> seal() {
        auto sealed = co_await Seal(store_, loop_);
        co_return sealed ? Response::empty(200) : Response::of(sealed.error());
    }

  private:
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
    router.post(kControlSeal, [control](Request&) { return control->seal(); }, options);
}

}  // namespace pomiar::cli
