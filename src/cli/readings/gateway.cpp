#include "cli/readings/gateway.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "cli/readings/busy.hpp"
#include "cli/readings/control_client.hpp"
#include "cli/readings/control_protocol.hpp"
#include "cli/readings/remote_source.hpp"
#include "http/client.hpp"
#include "query/reading_format.hpp"
#include "sql/store_source.hpp"

namespace pomiar::cli {
namespace {

using storage::AppendOutcome;
using storage::Batch;

class DirectGateway final : public Gateway {
  public:
    explicit DirectGateway(std::unique_ptr<storage::Store> store) : store_(std::move(store)), rows_(*store_) {}

    Result<AppendOutcome> append(Batch batch) override {
        for (int tries = 0;; ++tries) {
            std::promise<AppendOutcome> promise;
            auto future = promise.get_future();
            store_->append(Batch(batch), [&promise](AppendOutcome outcome) { promise.set_value(std::move(outcome)); });
            AppendOutcome outcome = future.get();
            if (!outcome.failure) return outcome;
            if (outcome.failure->kind != ErrorKind::busy || tries >= kBusyTriesMax)
                return failure(outcome.failure->kind, outcome.failure->message);
            std::this_thread::sleep_for(kBusyPause);
        }
    }

    Result<ExportPage> page(const ExportRequest& request) override {
        std::promise<Result<ExportPage>> promise;
        auto future = promise.get_future();
        store_->read([&](storage::Snapshot* snapshot) {
            if (snapshot == nullptr) {
                promise.set_value(failure(ErrorKind::busy, "too many wait to read"));
            } else {
                promise.set_value(export_page(*snapshot, request));
            }
        });
        return future.get();
    }

    Result<> seal() override { return store_->seal(); }

    sql::Source& rows() override { return rows_; }

  private:
    std::unique_ptr<storage::Store> store_;
    sql::StoreSource rows_;
};

class SocketGateway final : public Gateway {
  public:
    explicit SocketGateway(const std::string& path)
        : client_(path, kMinute), patient_(path, kHour), rows_(client_, patient_) {}

    Result<AppendOutcome> append(Batch batch) override {
        const query::ReadingFormat format = format_for(batch);
        std::vector<query::ReadingWriter> writers;
        for (std::uint32_t series = 0; series < batch.series_count(); ++series) {
            auto writer = query::ReadingWriter::create(format, batch.sensor(series), batch.field(series));
            if (!writer) return failure(std::move(writer));
            writers.push_back(std::move(*writer));
        }
        AppendOutcome outcome;
        Part part(format);
        const auto& points = batch.points();
        for (std::size_t i = 0; i < points.size(); ++i) {
            const std::size_t begin = part.text.size();
            writers[points[i].series].append(part.text, points[i].time, batch.value(points[i]));
            part.points.push_back({.line = part.next_line, .origin = points[i].origin});
            part.next_line += count_lines(std::string_view(part.text).substr(begin));
            if (part.text.size() < kControlLinesBytes && i + 1 < points.size()) continue;
            if (auto r = send(part, outcome); !r) return failure(std::move(r));
            part = Part(format);
        }
        return outcome;
    }

    Result<ExportPage> page(const ExportRequest& request) override {
        auto response = client_.ask("GET", export_target(request), "");
        if (!response) return failure(std::move(response));
        ExportPage page{.text = std::move(response->body), .damage = {}};
        if (const auto next = response->headers.find("Pomiar-Next")) {
            const auto parts = split(*next, ' ');
            const auto series = parse_uint64(parts[0]);
            const auto after = parts.size() == 2 ? parse_int64(parts[1]) : std::nullopt;
            if (!series || !after) return failure(ErrorKind::invalid, "the server's answer is not understood");
            page.more = true;
            page.series = static_cast<storage::SeriesId>(*series);
            page.after = *after;
        }
        page.left_out = parse_uint64(response->headers.get("Pomiar-Left-Out")).value_or(0);
        if (const auto damage = response->headers.find("Pomiar-Damage"))
            page.damage = Error{ErrorKind::corrupt, std::string(*damage)};
        return page;
    }

    Result<> seal() override {
        auto sealed = client_.ask("POST", kControlSeal, {});
        if (!sealed) return failure(std::move(sealed));
        return {};
    }

    sql::Source& rows() override { return rows_; }

  private:
    // A text may go on over several lines, so a reading is known by the line that it begins on.
    struct Sent {
        std::uint32_t line;    // in the part, as the server counts
        std::uint32_t origin;  // in the batch
    };
    struct Part {
        explicit Part(query::ReadingFormat in)
            : format(in), text(query::reading_header(in)), next_line(1 + count_lines(text)) {}
        query::ReadingFormat format;
        std::string text;
        std::vector<Sent> points;
        std::uint32_t next_line;
    };

    static std::uint32_t count_lines(std::string_view text) {
        return static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
    }

    // Line protocol is read faster, and has no word for NaN and infinity.
    static query::ReadingFormat format_for(const Batch& batch) {
        const bool is_finite = std::ranges::all_of(batch.points(), [&](const Batch::Point& point) {
            return point.kind != storage::ValueKind::float64 || std::isfinite(batch.value(point).as_double());
        });
        return is_finite ? query::ReadingFormat::line_protocol : query::ReadingFormat::csv;
    }

    Result<> send(const Part& part, AppendOutcome& outcome) {
        if (part.points.empty()) return {};
        http::Headers headers;
        if (part.format == query::ReadingFormat::csv) headers.add("Content-Type", kControlCsv);
        auto response = client_.ask("POST", kControlAppend, part.text, headers);
        if (!response) return failure(std::move(response));
        auto refusals = parse_refusals(response->body);
        if (!refusals) return failure(std::move(refusals));
        for (auto& refusal : *refusals) {
            const auto sent = std::ranges::lower_bound(part.points, refusal.origin, {}, &Sent::line);
            if (sent == part.points.end() || sent->line != refusal.origin)
                return failure(ErrorKind::invalid, "the server's answer is not understood");
            refusal.origin = sent->origin;
            outcome.refused.push_back(std::move(refusal));
        }
        outcome.stored += part.points.size() - refusals->size();
        return {};
    }

    ControlClient client_;
    ControlClient patient_;
    RemoteSource rows_;
};

}  // namespace

storage::StoreOptions store_options(const Configuration& configuration) {
    const auto& settings = configuration.storage;
    storage::StoreOptions options;
    options.path = settings.path;
    options.sync = settings.sync;
    options.spool = settings.spool;
    options.seals_at_stop = true;
    options.database_cache_bytes = settings.cache;
    options.series_max = settings.max_series;
    options.budget_bytes = settings.budget;
    const auto& keep = configuration.retention;
    options.retention.keep = {keep.raw, keep.rollup_5m, keep.rollup_1h, keep.rollup_1d};
    // A quarter for readings not yet sealed, half of it for those that are being sealed while others come; a sixth for
    // batches that wait; the rest is for requests, pages and code.
    options.head_bytes_max = configuration.memory.limit / 8;
    options.queue_bytes_max = configuration.memory.limit / 6;
    return options;
}

std::string control_socket_path(const std::string& directory) {
    std::error_code ignored;
    const auto whole = std::filesystem::absolute(directory, ignored);
    return (whole.empty() ? std::filesystem::path(directory) : whole).lexically_normal() / "pomiar.sock";
}

bool answers(const std::string& socket_path) {
    struct stat s{};
    if (::stat(socket_path.c_str(), &s) != 0 || !S_ISSOCK(s.st_mode)) return false;
    http::Client client("unix:" + socket_path, {.timeout = 5 * kSecond});
    return client.get("/healthz").has_value();
}

Result<std::unique_ptr<Gateway>> open_gateway(const Configuration& configuration, IfMissing missing) {
    const std::string& directory = configuration.storage.path;
    const std::string socket = control_socket_path(directory);
    if (answers(socket)) return std::make_unique<SocketGateway>(socket);
    std::error_code ignored;
    if (missing == IfMissing::fail && !std::filesystem::is_directory(directory, ignored))
        return failure(ErrorKind::not_found, fmt::format("there is no data directory {}", directory));
    static const SystemClock clock;
    auto store = storage::Store::open(store_options(configuration), real_file_system(), clock);
    if (!store) return failure(std::move(store));
    return std::make_unique<DirectGateway>(std::move(*store));
}

}  // namespace pomiar::cli
