// The table of all settings.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/config/setting.hpp"

namespace pomiar::cli {
namespace {

constexpr std::array kSettings = {
    Setting{"server.listen", "0.0.0.0:8443", "", "", "HTTPS addresses.",
            [](Configuration& c) -> Member { return &c.server.listen; }},
    Setting{"server.plain", "", "", "",
            "Plain HTTP addresses for everything, also `unix:/path`: behind a proxy, or on loopback.",
            [](Configuration& c) -> Member { return &c.server.plain; }},
    Setting{"server.ingest", "", "", "",
            "Plain HTTP addresses that only take readings: for devices too small for TLS; InfluxDB's port is 8086.",
            [](Configuration& c) -> Member { return &c.server.ingest; }},
    Setting{"server.redirect", "", "", "",
            "Plain HTTP addresses that lead to the same path at the first of `server.listen`, as `0.0.0.0:80`.",
            [](Configuration& c) -> Member { return &c.server.redirect; }},
    Setting{
        "server.trusted_proxies", "", "", "",
        "Whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Real-IP` are believed: addresses, networks, and `unix` "
        "for all who come by a unix socket.",
        [](Configuration& c) -> Member { return &c.server.trusted_proxies; }},
    Setting{"server.threads", "1", "1", "64",
            "Event loops, each on a thread of its own, before one store; its writer and reader have their own.",
            [](Configuration& c) -> Member { return &c.server.threads; }},
    Setting{"server.connections", "256", "1", "65536",
            "Open connections; one more waits in the kernel's queue. Half of them may be live pages.",
            [](Configuration& c) -> Member { return &c.server.connections; }},
    Setting{"server.concurrency", "64", "1", "65536", "Requests in work; one more gets 503 with `Retry-After`.",
            [](Configuration& c) -> Member { return &c.server.concurrency; }},
    Setting{"server.body", "2MiB", "1KiB", "64MiB", "Largest request body as sent; 413 past it.",
            [](Configuration& c) -> Member { return &c.server.body; }},
    Setting{"server.keepalive", "15s", "1s", "1h", "How long an idle connection is kept.",
            [](Configuration& c) -> Member { return &c.server.keepalive; }},
    Setting{"server.header_timeout", "10s", "100ms", "10m",
            "Time for the TLS handshake, and for the whole head of a request.",
            [](Configuration& c) -> Member { return &c.server.header_timeout; }},
    Setting{"server.body_timeout", "30s", "100ms", "1h", "Time for the whole body of a request.",
            [](Configuration& c) -> Member { return &c.server.body_timeout; }},
    Setting{"server.write_timeout", "30s", "100ms", "1h", "Time in which the peer must take a part of the answer.",
            [](Configuration& c) -> Member { return &c.server.write_timeout; }},
    Setting{"server.grace", "15s", "0s", "10m", "How long SIGTERM lets requests finish.",
            [](Configuration& c) -> Member { return &c.server.grace; }},
    Setting{"tls.certificate", "", "", "",
            "PEM file with the certificate chain; without one, a certificate is made on first start.",
            [](Configuration& c) -> Member { return &c.tls.certificate; }},
    Setting{"tls.key", "", "", "", "PEM file with the private key of `tls.certificate`.",
            [](Configuration& c) -> Member { return &c.tls.key; }},
    Setting{"storage.path", "/var/lib/pomiar", "", "", "The data directory; everything lives below it.",
            [](Configuration& c) -> Member { return &c.storage.path; }},
    Setting{"storage.sync", "10s", "100ms", "1h",
            "When a reading reaches the flash: `always` (before the answer), a period, or `never`.",
            [](Configuration& c) -> Member { return &c.storage.sync; }},
    Setting{"storage.spool", "auto", "", "",
            "Where readings wait for the next sync: a directory in memory that outlives the process; `auto` is "
            "`/dev/shm`, but nothing in a container; `off`: they are written as they come.",
            [](Configuration& c) -> Member { return &c.storage.spool; }},
    Setting{"storage.cache", "2MiB", "64KiB", "1GiB", "SQLite's page cache.",
            [](Configuration& c) -> Member { return &c.storage.cache; }},
    Setting{"storage.budget", "80MiB", "12MiB", "1024GiB", "Flash that the data may take, all files together.",
            [](Configuration& c) -> Member { return &c.storage.budget; }},
    Setting{"storage.max_series", "10000", "1", "1000000", "Series that may exist; one more is refused with 422.",
            [](Configuration& c) -> Member { return &c.storage.max_series; }},
    Setting{"retention.raw", "90d", "1d", "forever", "How long each reading is kept; then it goes into roll-ups.",
            [](Configuration& c) -> Member { return &c.retention.raw; }},
    Setting{"retention.rollup_5m", "1y", "1d", "forever", "How long roll-ups of five minutes are kept, or `forever`.",
            [](Configuration& c) -> Member { return &c.retention.rollup_5m; }},
    Setting{"retention.rollup_1h", "10y", "1d", "forever", "How long roll-ups of an hour are kept.",
            [](Configuration& c) -> Member { return &c.retention.rollup_1h; }},
    Setting{"retention.rollup_1d", "forever", "1d", "forever", "How long roll-ups of a day are kept.",
            [](Configuration& c) -> Member { return &c.retention.rollup_1d; }},
    Setting{"backup.to", "", "", "",
            "Directory that gets a backup a day, for example on a stick; without one, none is made.",
            [](Configuration& c) -> Member { return &c.backup.to; }},
    Setting{"backup.at", "03:00", "", "", "When, in the machine's time zone. A missed one is made up for.",
            [](Configuration& c) -> Member { return &c.backup.at; }},
    Setting{"backup.keep", "7", "1", "3650", "How many of them are kept.",
            [](Configuration& c) -> Member { return &c.backup.keep; }},
    Setting{"log.level", "warning", "", "", "The least severe messages that are written.",
            [](Configuration& c) -> Member { return &c.logging.level; }},
    Setting{"log.access", "false", "", "", "A line for each answer: address, status, bytes, seconds.",
            [](Configuration& c) -> Member { return &c.logging.access; }},
    Setting{"log.file", "stderr", "", "", "Where log lines go: `stderr`, or the whole path of a file.",
            [](Configuration& c) -> Member { return &c.logging.file; }},
    Setting{"log.buffer", "100", "1", "10000",
            "So many lines below `warning` come together, or 60 s pass, before they are written.",
            [](Configuration& c) -> Member { return &c.logging.buffer; }},
    Setting{"log.rotate_size", "512KiB", "16KiB", "1GiB", "How large `log.file` becomes before a new one is begun.",
            [](Configuration& c) -> Member { return &c.logging.rotate_size; }},
    Setting{"log.rotate_keep", "4", "0", "1000", "How many old files are kept, gzipped.",
            [](Configuration& c) -> Member { return &c.logging.rotate_keep; }},
    Setting{"events.interval", "1s", "50ms", "1h", "Shortest time between two live updates to one page.",
            [](Configuration& c) -> Member { return &c.events.interval; }},
    Setting{"self.every", "60s", "0s", "1h",
            "How often the server measures itself, at most once a second; `0s`: never.",
            [](Configuration& c) -> Member { return &c.self.every; }},
    Setting{"auth.public", "false", "", "", "Anybody may read pages and data; writing always needs a token.",
            [](Configuration& c) -> Member { return &c.auth.open_to_all; }},
    Setting{"memory.limit", "48MiB", "16MiB", "4GiB", "What the process plans its buffers, heads and caches for.",
            [](Configuration& c) -> Member { return &c.memory.limit; }},
};

}  // namespace

std::span<const Setting> settings() {
    return kSettings;
}

const Setting* find_setting(std::string_view key) {
    const auto* const found = std::ranges::find(kSettings, key, &Setting::key);
    return found == kSettings.end() ? nullptr : found;
}

std::string_view nearest_key(std::string_view key) {
    const auto distance = [&](const Setting& setting) {
        // The last part alone may be right, under a wrong section.
        const auto part = setting.key.substr(setting.key.find('.') + 1);
        const bool same_part = key.substr(key.rfind('.') + 1) == part;
        const bool begins_so = !key.ends_with('.') && key.contains('.') && setting.key.starts_with(key);
        return std::min(edit_distance(key, setting.key), same_part || begins_so ? std::size_t{2} : std::size_t{99});
    };
    const auto* const nearest = std::ranges::min_element(kSettings, {}, distance);
    const std::size_t far = std::max<std::size_t>(2, key.size() / 4);
    return distance(*nearest) <= far ? nearest->key : std::string_view{};
}

std::string environment_name(std::string_view key) {
    std::string name = "POMIAR_";
    for (char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

}  // namespace pomiar::cli
