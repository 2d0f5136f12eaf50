#include "web/api/health.hpp"

#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"
#include "web/access/guard.hpp"
#include "web/api/metrics_text.hpp"

namespace pomiar::web {
namespace {

void add_levels(MetricsText& metrics, const storage::StoreStatistics& store) {
    constexpr std::array kNames = {"raw", "5m", "1h", "1d"};
    const auto each = [&](std::string_view name, std::string_view help, auto figure) {
        metrics.begin(name, "gauge", help);
        for (std::size_t i = 0; i < kNames.size(); ++i) {
            if (store.levels[i].blocks != 0)
                metrics.labelled(name, "level", kNames[i], static_cast<std::uint64_t>(figure(store.levels[i])));
        }
    };
    each("pomiar_level_bytes", "Blocks of readings and roll-ups.", [](const auto& level) { return level.bytes; });
    each("pomiar_level_count", "Readings and roll-ups in blocks.", [](const auto& level) { return level.count; });
    each("pomiar_level_oldest_seconds", "Where each level begins, since 1970.",
         [](const auto& level) { return level.oldest / kSecond; });
}

void add_refused_readings(MetricsText& metrics, const storage::StoreStatistics& store) {
    constexpr std::string_view kName = "pomiar_readings_refused_total";
    metrics.begin(kName, "counter", "Readings that the store refused since the start, by reason.");
    metrics.labelled(kName, "reason", "type", store.refused_for_type);
    metrics.labelled(kName, "reason", "series", store.refused_for_series);
    metrics.labelled(kName, "reason", "size",
                     store.readings_refused - store.refused_for_type - store.refused_for_series);
}

void add_store(MetricsText& metrics, const storage::StoreStatistics& store) {
    metrics.gauge("pomiar_healthy", "1 while readings can be stored.", store.healthy ? 1 : 0);
    metrics.counter("pomiar_readings_stored_total", "Readings stored since the start.", store.readings_stored);
    add_refused_readings(metrics, store);
    metrics.counter("pomiar_journal_bytes_total", "Bytes written to the journal since the start.", store.journal_bytes);
    metrics.counter("pomiar_journal_syncs_total", "Times the journal was synced to the device.", store.journal_syncs);
    metrics.counter_seconds("pomiar_journal_syncs_seconds_total", "How long all syncs took together.",
                            store.syncs_took);
    metrics.gauge_seconds("pomiar_journal_sync_seconds", "How long the last sync took.", store.last_sync_took);
    metrics.gauge_seconds("pomiar_journal_sync_longest_seconds", "How long the longest sync since the start took.",
                          store.longest_sync_took);
    metrics.counter("pomiar_seals_total", "Times the heads were sealed into blocks.", store.seals);
    metrics.counter("pomiar_blocks_written_total", "Blocks written since the start.", store.blocks_written);
    metrics.gauge("pomiar_database_bytes", "What the database takes, without what is free in it.",
                  store.database_bytes);
    add_levels(metrics, store);
    metrics.gauge("pomiar_head_bytes", "Memory of readings that are not in blocks yet.", store.head_bytes);
    metrics.gauge("pomiar_queue_bytes", "Memory of readings that wait to be stored.", store.queue_bytes);
    metrics.gauge("pomiar_queue_batches", "Batches of readings that wait to be stored.", store.queue_batches);
    metrics.gauge("pomiar_queries_waiting", "Queries that wait for their turn.", store.queries_waiting);
    metrics.gauge("pomiar_series", "Series known.", store.series);
    metrics.gauge("pomiar_replayed_readings", "Readings taken from the journal at the start.", store.replayed);
    metrics.gauge("pomiar_damaged_records", "Damaged records found in the journal at the start.",
                  store.damaged_records);
}

void add_time(MetricsText& metrics, const storage::StoreStatistics& store, bool known) {
    metrics.gauge("pomiar_time_known", "1 while the time of day is known.", known ? 1 : 0);
    metrics.gauge("pomiar_readings_untimed", "Readings without a time that wait until it is known.", store.untimed);
    metrics.gauge("pomiar_readings_ahead", "Readings that wait for their time to come, more than a day ahead.",
                  store.ahead);
}

void add_refusals(MetricsText& metrics, const http::ServerStatistics& server) {
    constexpr std::string_view kName = "pomiar_http_refusals_total";
    metrics.begin(kName, "counter", "Answers with a status of 400 or more, by status.");
    for (std::size_t i = 0; i < server.refusals.size(); ++i) {
        const auto status = static_cast<std::size_t>(http::ServerStatistics::kRefusalFrom) + i;
        if (server.refusals[i] != 0) metrics.labelled(kName, "status", fmt::format("{}", status), server.refusals[i]);
    }
}

void add_server(MetricsText& metrics, const http::ServerStatistics& server) {
    metrics.gauge("pomiar_http_connections", "Open connections.", server.connections);
    metrics.gauge("pomiar_http_requests_in_work", "Requests in work.", server.requests_in_work);
    metrics.gauge("pomiar_http_event_streams", "Open streams of live events.", server.event_streams);
    metrics.gauge("pomiar_http_bodies_bytes", "Memory of the bodies of requests and answers at hand.",
                  server.bodies_bytes);
    metrics.counter("pomiar_http_connections_total", "Connections taken.", server.accepted);
    metrics.counter("pomiar_http_requests_total", "Requests answered.", server.requests);
    metrics.counter("pomiar_http_client_errors_total", "Answers with a status of 400 to 499.", server.responses_4xx);
    metrics.counter("pomiar_http_server_errors_total", "Answers with a status of 500 or more.", server.responses_5xx);
    add_refusals(metrics, server);
    metrics.histogram("pomiar_http_request_seconds", "From the head of a request to its answer.", server.times);
    metrics.counter("pomiar_http_overloaded_total", "Requests refused because too many were in work.",
                    server.overloaded);
    metrics.counter("pomiar_http_timeouts_total", "Connections that ran into a deadline.", server.timeouts);
    metrics.counter("pomiar_tls_handshakes_failed_total", "TLS handshakes that failed.", server.handshakes_failed);
}

void add_backup(MetricsText& metrics, const BackupState& backup) {
    metrics.gauge("pomiar_backup_missing", "1 while the daily backup that is due could not be made.",
                  backup.trouble.empty() ? 0 : 1);
    if (!backup.last) return;
    metrics.gauge_seconds("pomiar_backup_last_time_seconds", "When the last daily backup was finished, since 1970.",
                          backup.last->finished);
    metrics.gauge("pomiar_backup_last_size_bytes", "The size of the last daily backup.", backup.last->bytes);
}

void add_flash(MetricsText& metrics, const FlashState& flash) {
    metrics.counter("pomiar_flash_written_bytes_total", "Bytes given to the disk since the start.",
                    flash.written_in_all);
    metrics.counter("pomiar_flash_disk_written_bytes_total",
                    "Bytes written to the disk of the data by everything, since the machine's start.",
                    flash.disk_written_in_all);
}

Nanoseconds length_of(const timeval& time) {
    return static_cast<Nanoseconds>(time.tv_sec) * kSecond + static_cast<Nanoseconds>(time.tv_usec) * 1000;
}

// Resident pages, the second number of /proc/self/statm.
std::optional<std::uint64_t> resident_bytes() {
    const std::string text = kernel_text("/proc/self/statm");
    const auto numbers = words(text);
    const auto pages = numbers.size() > 1 ? parse_uint64(numbers[1]) : std::nullopt;
    if (!pages) return std::nullopt;
    return *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void add_process(MetricsText& metrics, Nanoseconds age, std::optional<std::uint64_t> resident) {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        metrics.counter_seconds("process_cpu_seconds_total", "CPU time used.",
                                length_of(usage.ru_utime) + length_of(usage.ru_stime));
    }
    if (resident) metrics.gauge("process_resident_memory_bytes", "Memory in use.", *resident);
    metrics.gauge_seconds("pomiar_uptime_seconds", "Since the start.", age);
}

}  // namespace

bool HealthApi::is_time_known() const {
    context_.store.time().look();
    return context_.store.time().now().has_value();
}

Task<http::Response> HealthApi::healthz(http::Request&) {
    const storage::StoreStatistics statistics = context_.store.statistics();
    std::string text = statistics.healthy ? "ok\n" : statistics.trouble + "\n";
    if (!is_time_known()) text += "the time of day is not known: readings without one wait until it is\n";
    http::Response response = http::Response::text(std::move(text), statistics.healthy ? 200 : 503);
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

Task<http::Response> HealthApi::metrics(http::Request& request) {
    const bool may_see_all = access::principal_of(request).only.empty();
    auto reading = files_.run([flash = may_see_all ? sources_.flash : TellFlash()] {
        return std::pair(flash ? std::optional(flash()) : std::nullopt, resident_bytes());
    });
    const auto [flash, resident] = co_await reading;
    MetricsText metrics;
    metrics.begin("pomiar_build_info", "gauge", "The program's version.");
    metrics.labelled("pomiar_build_info", "version", sources_.version, 1);
    const storage::StoreStatistics store = context_.store.statistics();
    add_store(metrics, store);
    add_time(metrics, store, is_time_known());
    if (sources_.server) add_server(metrics, sources_.server());
    if (const auto backup = may_see_all && sources_.backup ? sources_.backup() : std::nullopt)
        add_backup(metrics, *backup);
    if (flash) add_flash(metrics, *flash);
    if (sources_.log_lines_lost) {
        metrics.counter("pomiar_log_lines_lost_total", "Log lines that came faster than they could be written.",
                        sources_.log_lines_lost());
    }
    add_process(metrics, context_.clock.monotonic() - started_, resident);
    http::Response response = http::Response::bytes(std::string(MetricsText::kContentType), metrics.take());
    response.compress = true;
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

}  // namespace pomiar::web
