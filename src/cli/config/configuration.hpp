// What the program runs with: every setting of settings.cpp as a typed value. A plain struct; load.hpp fills it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/network.hpp"
#include "storage/store.hpp"
#include "upkeep/backup_calendar.hpp"

namespace pomiar::cli {

struct ServerSettings {
    std::vector<std::string> listen;
    std::vector<std::string> plain;
    std::vector<std::string> ingest;
    std::vector<std::string> redirect;
    std::vector<http::Network> trusted_proxies;
    std::uint32_t threads = 1;
    std::uint32_t connections = 0;
    std::uint32_t concurrency = 0;
    std::uint64_t body = 0;  // bytes
    Nanoseconds keepalive = 0;
    Nanoseconds header_timeout = 0;
    Nanoseconds body_timeout = 0;
    Nanoseconds write_timeout = 0;
    Nanoseconds grace = 0;
};

struct TlsSettings {
    std::string certificate;  // both empty: made on first start
    std::string key;
};

struct StorageSettings {
    std::string path;
    pomiar::storage::SyncPolicy sync;
    std::string spool = "off";  // as in StoreOptions
    std::uint64_t cache = 0;    // bytes
    std::uint64_t budget = 0;   // bytes
    std::uint32_t max_series = 0;
};

struct Configuration {
    ServerSettings server;
    TlsSettings tls;
    StorageSettings storage;
    struct {
        Nanoseconds raw = 0;
        Nanoseconds rollup_5m = 0;
        Nanoseconds rollup_1h = 0;
        Nanoseconds rollup_1d = 0;
    } retention;
    struct {
        std::string to;  // empty: no backups by the clock
        upkeep::TimeOfDay at;
        std::uint32_t keep = 0;
    } backup;
    struct {
        log::Level level = log::Level::warning;
        bool access = false;
        std::string file = "stderr";    // or a whole path
        std::uint32_t buffer = 0;       // lines
        std::uint64_t rotate_size = 0;  // bytes
        std::uint32_t rotate_keep = 0;
    } logging;  // log.*
    struct {
        Nanoseconds interval = 0;
    } events;
    struct {
        Nanoseconds every = 0;  // 0: the server does not measure itself
    } self;
    struct {
        bool open_to_all = false;  // auth.public
    } auth;
    struct {
        std::uint64_t limit = 0;  // bytes
    } memory;
};

}  // namespace pomiar::cli
