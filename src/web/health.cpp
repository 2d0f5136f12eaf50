#include "web/health.hpp"

#include <array>

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace pomiar::web {
namespace {

// Prometheus' text format 0.0.4.
class Metrics {
  public:
    void counter(std::string_view name, std::string_view help, double value) { add(name, "counter", help, value); }
    void gauge(std::string_view name, std::string_view help, double value) { add(name, "gauge", help, value); }
    void counter(std::string_view name, std::string_view help, std::uint64_t value) {
        counter(name, help, static_cast<double>(value));
    }
    void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
        gauge(name, help, static_cast<double>(value));
    }
    void line(std::string_view text) { out_ += text; }
    std::string take() { return std::move(out_); }

  private:
    void add(std::string_view name, std::string_view type, std::string_view help, double value) {
        out_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} ", name, type, help);
        append_double(out_, value);
        out_ += '\n';
    }
    std::string out_;
};

void add_levels(Metrics& metrics, const storage::StoreStatistics& store) {
    constexpr std::array kNames = {"raw", "5m", "1h", "1d"};
    const auto each = [&](std::string_view name, std::string_view help, auto figure) {
        metrics.line(fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help));
        for (std::size_t i = 0; i < kNames.size(); ++i) {
            if (store.levels[i].blocks != 0)
                metrics.line(fmt::format("{}{{level=\"{}\"}} {}\n", name, kNames[i], figure(store.levels[i])));
        }
    };
    each("pomiar_level_bytes", "Blocks of readings and roll-ups.", [](const auto& level) { return level.bytes; });
    each("pomiar_level_count", "Readings and roll-ups in blocks.", [](const auto& level) { return level.count; });
    each("pomiar_level_oldest_seconds", "Where each level begins, since 1970.",
         [](const auto& level) { return level.oldest / kSecond; });
}

void add_store(Metrics& metrics, const storage::StoreStatistics& store) {
    metrics.gauge("pomiar_healthy", "1 while readings can be stored.", store.healthy ? 1.0 : 0.0);
    metrics.counter("pomiar_readings_stored_total", "Readings stored since the start.", store.readings_stored);
    metrics.counter("pomiar_readings_refused_total",
                    "Readings that the store refused since the start: of another type, or one series too many.",
                    store.readings_refused);
    metrics.counter("pomiar_journal_bytes_total", "Bytes written to the journal since the start.", store.journal_bytes);
    metrics.counter("pomiar_journal_syncs_total", "Times the journal was synced to the device.", store.journal_syncs);
    metrics.gauge("pomiar_journal_sync_seconds", "How long the last sync took.",
                  static_cast<double>(store.last_sync_took) / static_cast<double>(kSecond));
    metrics.counter("pomiar_seals_total", "Times the heads were sealed into blocks.", store.seals);
    metrics.counter("pomiar_blocks_written_total", "Blocks written since the start.", store.blocks_written);
    metrics.gauge("pomiar_database_bytes", "What the database takes, without what is free in it.",
                  store.database_bytes);
    add_levels(metrics, store);
    metrics.gauge("pomiar_head_bytes", "Readings in memory that are not in blocks yet.", store.head_bytes);
    metrics.gauge("pomiar_queue_bytes", "Readings that wait to be stored.", store.queue_bytes);
    metrics.gauge("pomiar_series", "Series known.", static_cast<std::uint64_t>(store.series));
    metrics.gauge("pomiar_replayed_readings", "Readings taken from the journal at the start.", store.replayed);
    metrics.gauge("pomiar_damaged_records", "Damaged records found in the journal at the start.",
                  store.damaged_records);
}

void add_time(Metrics& metrics, const storage::StoreStatistics& store) {
    metrics.gauge("pomiar_time_known", "1 while the time of day is known.", store.time_known ? 1.0 : 0.0);
    metrics.gauge("pomiar_readings_untimed", "Readings without a time that wait until it is known.", store.untimed);
    metrics.gauge("pomiar_readings_ahead", "Readings that wait for their time to come, more than a day ahead.",
                  store.ahead);
}

void add_server(Metrics& metrics, const http::ServerStatistics& server) {
    metrics.gauge("pomiar_http_connections", "Open connections.", static_cast<std::uint64_t>(server.connections));
    metrics.gauge("pomiar_http_requests_in_work", "Requests in work.",
                  static_cast<std::uint64_t>(server.requests_in_work));
    metrics.gauge("pomiar_http_event_streams", "Open streams of live events.",
                  static_cast<std::uint64_t>(server.event_streams));
    metrics.counter("pomiar_http_connections_total", "Connections taken.", server.accepted);
    metrics.counter("pomiar_http_requests_total", "Requests answered.", server.requests);
    metrics.counter("pomiar_http_client_errors_total", "Answers with a status of 400 to 499.", server.responses_4xx);
    metrics.counter("pomiar_http_server_errors_total", "Answers with a status of 500 or more.", server.responses_5xx);
    metrics.counter("pomiar_http_overloaded_total", "Requests refused because too many were in work.",
                    server.overloaded);
    metrics.counter("pomiar_http_timeouts_total", "Connections that ran into a deadline.", server.timeouts);
    metrics.counter("pomiar_tls_handshakes_failed_total", "TLS handshakes that failed.", server.handshakes_failed);
}

void add_backup(Metrics& metrics, const BackupState& backup) {
    metrics.gauge("pomiar_backup_missing", "1 while the daily backup that is due could not be made.",
                  backup.trouble.empty() ? 0.0 : 1.0);
    if (!backup.last) return;
    metrics.gauge("pomiar_backup_last_time_seconds", "When the last daily backup was finished, since 1970.",
                  static_cast<double>(backup.last->finished) / static_cast<double>(kSecond));
    metrics.gauge("pomiar_backup_last_size_bytes", "The size of the last daily backup.", backup.last->bytes);
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Resident pages, the second number of /proc/self/statm.
std::optional<std::uint64_t> resident_bytes() {
    const auto file = real_file_system().open("/proc/self/statm", OpenMode::read);  // its size() is 0
    if (!file) return std::nullopt;
    char text[256];
    const auto size = (*file)->read_at(0, text, sizeof text);
    if (!size) return std::nullopt;
    const auto numbers = split(std::string_view(text, *size), ' ');
    const auto pages = numbers.size() > 1 ? parse_uint64(numbers[1]) : std::nullopt;
    if (!pages) return std::nullopt;
    return *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void add_process(Metrics& metrics, Nanoseconds age) {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        metrics.counter("process_cpu_seconds_total", "CPU time used.",
                        seconds(usage.ru_utime) + seconds(usage.ru_stime));
    }
    if (const auto bytes = resident_bytes()) {
        metrics.gauge("process_resident_memory_bytes", "Memory in use.", *bytes);
    }
    metrics.gauge("pomiar_uptime_seconds", "Since the start.", static_cast<double>(age) / static_cast<double>(kSecond));
}

}  // namespace

Task<http::Response> HealthApi::healthz(http::Request&) {
    const storage::StoreStatistics statistics = context_.store.statistics();
    http::Response response =
        statistics.healthy ? http::Response::text("ok\n") : http::Response::text(statistics.trouble + "\n", 503);
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

Task<http::Response> HealthApi::metrics(http::Request&) {
    Metrics metrics;
    metrics.line("# HELP pomiar_build_info The program's version.\n# TYPE pomiar_build_info gauge\n");
    metrics.line(fmt::format("pomiar_build_info{{version=\"{}\"}} 1\n", version_));
    const storage::StoreStatistics store = context_.store.statistics();
    add_store(metrics, store);
    add_time(metrics, store);
    if (server_) add_server(metrics, server_());
    if (const auto backup = backup_ ? backup_() : std::nullopt) add_backup(metrics, *backup);
    add_process(metrics, context_.clock.monotonic() - started_);
    http::Response response = http::Response::bytes("text/plain; version=0.0.4; charset=utf-8", metrics.take());
    response.compress = true;
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

}  // namespace pomiar::web
