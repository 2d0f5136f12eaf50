#include "cli/serving.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "cli/build_info.hpp"
#include "cli/commands.hpp"
#include "cli/config/address.hpp"
#include "cli/descriptor_limit.hpp"
#include "cli/owner.hpp"
#include "cli/readings/control_routes.hpp"
#include "cli/readings/gateway.hpp"
#include "feeds/demo.hpp"
#include "http/server.hpp"
#include "storage/backup.hpp"
#include "storage/store.hpp"
#include "upkeep/certificate.hpp"
#include "upkeep/daily_backup.hpp"
#include "upkeep/flash_wear.hpp"
#include "web/access/guard.hpp"
#include "web/embedded.hpp"
#include "web/live_feed.hpp"
#include "web/web.hpp"

namespace pomiar::cli {
namespace {

constexpr std::string_view kDemoToken = "pomiar serve --demo";  // no name that somebody gives to a device
constexpr std::size_t kDecompressedBytesMax = std::size_t{16} << 20;

http::ServerOptions server_options(const Configuration& configuration) {
    const ServerSettings& settings = configuration.server;
    http::ServerOptions options;
    options.bodies_bytes_max = static_cast<std::size_t>(configuration.memory.limit / 2);
    options.decompressed_bytes_max = std::min(kDecompressedBytesMax, options.bodies_bytes_max / 3 * 2);
    options.connections_max = settings.connections;
    options.concurrency_max = settings.concurrency;
    options.body_bytes_max = static_cast<std::size_t>(settings.body);
    options.handshake_timeout = settings.header_timeout;
    options.header_timeout = settings.header_timeout;
    options.body_timeout = settings.body_timeout;
    options.write_timeout = settings.write_timeout;
    options.keepalive = settings.keepalive;
    options.grace = settings.grace;
    return options;
}

// A door that is open.
struct Bound {
    std::string address;      // with the port it got; "unix:/path"
    std::string_view scheme;  // of an address and port
    bool readings_only;

    bool is_unix() const { return is_unix_address(address); }
    std::string text() const {
        if (is_unix()) return address;
        return fmt::format("{}://{}{}", scheme, address, readings_only ? " (readings only)" : "");
    }
};

}  // namespace

// In the order of building; gone in the opposite one.
struct Serving::Parts {
    explicit Parts(Configuration with)
        : configuration(std::move(with)),
          access(real_file_system(), clock, loop, configuration.storage.path),
          server(loop, clock, server_options(configuration)) {}

    Result<> open_tls();
    Result<> open_doors();
    Result<> open_door(const std::string& address, const http::Router& router, std::string_view scheme);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        backups.reset();
        store.reset();  // its last jobs still look at web
    }

    Result<> open_store();
    Result<> open_access();
    void add_routes();
    Result<> open_control();
    void prepare_backups();
    std::optional<web::BackupState> backup_state() const;
    web::FlashState flash_state() const;
    Result<> start_demo();
    void reload();

    Configuration configuration;
    std::function<Result<Configuration>()> on_reload;
    SystemClock clock;
    http::Loop loop;
    web::LiveFeed feed;
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<upkeep::DailyBackup> backups;
    std::unique_ptr<upkeep::FlashWear> flash;
    access::Access access;
    std::unique_ptr<web::Web> web;
    std::shared_ptr<http::TlsContext> tls;
    http::Router everything;
    http::Router readings;  // for server.ingest
    http::Router control;   // for the data directory's own socket
    http::Server server;
    std::vector<Bound> bound;
    SetupLink setup_link;
    std::unique_ptr<feeds::Demo> demo;  // first to go: it is a client
};

// Made by root it would be unreadable to the owner, who is to read it again later.
Result<> Serving::Parts::open_tls() {
    if (configuration.server.listen.empty()) return {};
    std::string certificate = configuration.tls.certificate;
    std::string key = configuration.tls.key;
    if (certificate.empty()) {
        const std::string directory = configuration.storage.path + "/tls";
        certificate = directory + "/certificate.pem";
        key = directory + "/key.pem";
        auto made = as_owner_of(configuration.storage.path, [&]() -> Result<> {
            if (auto r = real_file_system().make_directories(directory); !r) return r;
            auto ensured = upkeep::ensure_certificate(real_file_system(), certificate, key,
                                                      upkeep::subject_of_this_host(), clock.now());
            return ensured ? Result<>() : failure(std::move(ensured));
        });
        if (!made) return made;
    }
    auto loaded = http::TlsContext::load(real_file_system(), certificate, key);
    if (!loaded) return failure(std::move(loaded));
    tls = std::move(*loaded);
    return {};
}

Result<> Serving::Parts::open_door(const std::string& address, const http::Router& router, std::string_view scheme) {
    auto got = server.listen({.address = address, .router = &router, .tls = scheme == "https" ? tls : nullptr});
    if (!got) return failure(std::move(got));
    // The mask leaves a socket to its owner; a proxy runs as another user, and asks like anybody else.
    if (is_unix_address(address)) ::chmod(address.substr(5).c_str(), 0666);
    bound.push_back({.address = std::move(*got), .scheme = scheme, .readings_only = &router == &readings});
    return {};
}

Result<> Serving::Parts::open_doors() {
    for (const auto& address : configuration.server.listen)
        if (auto r = open_door(address, everything, "https"); !r) return r;
    for (const auto& address : configuration.server.plain)
        if (auto r = open_door(address, everything, "http"); !r) return r;
    for (const auto& address : configuration.server.ingest)
        if (auto r = open_door(address, readings, "http"); !r) return r;
    return {};
}

Result<> Serving::Parts::open_store() {
    storage::StoreOptions options = store_options(configuration);
    options.built = kBuilt;
    options.retention.by_store_time = true;
    auto opened = storage::Store::open(options, real_file_system(), clock, &feed);
    if (!opened) return failure(std::move(opened));
    store = std::move(*opened);
    return {};
}

// Damaged access data lets nobody in, but readings already known stay visible where auth.public says so.
Result<> Serving::Parts::open_access() {
    if (auto r = access.reload(); !r) {
        log::error("nobody can sign in or write: {}", r.error().message);
        return {};
    }
    if (access.has_password()) return {};
    auto key = access.begin_setup();
    if (!key) return failure(std::move(key));
    const auto door =
        std::ranges::find_if(bound, [](const Bound& one) { return !one.readings_only && !one.is_unix(); });
    if (!*key || door == bound.end()) return {};
    setup_link.url = fmt::format("{}://{}/setup?key={}", door->scheme, address_here(door->address, "localhost"), **key);
    setup_link.any_host = is_any_address(door->address);
    return {};
}

void Serving::Parts::add_routes() {
    const bool open_to_all = configuration.auth.open_to_all;
    everything.before(access::guard(access, {.open_to_all = open_to_all}));
    readings.before(access::guard(access, {.open_to_all = open_to_all}));
    control.before(access::guard(access, {.owner = true}));
    web::WebOptions options;
    options.version = kVersion;
    options.events_interval = configuration.events.interval;
    // Pages left open must not keep devices from bringing their readings.
    options.event_streams_max = std::max<std::size_t>(configuration.server.connections / 2, 1);
    options.templates = web::embedded_templates();
    options.asset_paths = web::embedded_asset_paths();
    options.assets = web::embedded_assets();
    options.server = [this] { return server.statistics(); };
    options.backup = [this] { return backup_state(); };
    options.flash = [this] { return flash_state(); };
    web = std::make_unique<web::Web>(web::Context{.store = *store, .loop = loop, .clock = clock}, loop, access, feed,
                                     std::move(options));
    web->add_all(everything);
    web->add_all(control);
    web->add_ingest(readings);
    add_control_routes(control, *store, loop);
}

Result<> Serving::Parts::open_control() {
    auto socket = server.listen(
        {.address = "unix:" + control_socket_path(configuration.storage.path), .router = &control, .is_owners = true});
    if (!socket) return failure(std::move(socket));
    return {};
}

void Serving::Parts::prepare_backups() {
    if (configuration.backup.to.empty()) return;
    upkeep::DailyBackupOptions options;
    options.to = configuration.backup.to;
    options.at = configuration.backup.at;
    options.keep = configuration.backup.keep;
    options.data_directory = configuration.storage.path;
    options.now = [this] {
        store->time().look();
        return store->time().now();
    };
    options.make = [this](const std::string& path, const std::function<bool()>& go_on) -> Result<> {
        if (auto sealed = store->seal(); !sealed) return sealed;
        return storage::write_backup(configuration.storage.path, path, kBackupFiles, real_file_system(), go_on);
    };
    backups = std::make_unique<upkeep::DailyBackup>(std::move(options), real_file_system(), clock);
}

std::optional<web::BackupState> Serving::Parts::backup_state() const {
    if (!backups) return std::nullopt;
    upkeep::BackupStatus status = backups->status();
    web::BackupState state{.to = std::move(status.to), .last = {}, .next = status.next, .trouble = status.trouble};
    if (status.last)
        state.last = {status.last->directory + "/" + status.last->file, status.last->finished, status.last->bytes};
    return state;
}

web::FlashState Serving::Parts::flash_state() const {
    upkeep::FlashWearState state = flash->state();
    return {.since = state.since,
            .written = state.written,
            .disk_written = state.device_written,
            .disk_bytes = state.device_bytes,
            .mount_point = std::move(state.mount.point),
            .filesystem = state.mount.filesystem,
            .options = state.mount.options,
            .commit_seconds = state.mount.commit_seconds(),
            .fstab_line = std::move(state.fstab_line)};
}

// The simulated house writes like any device, with a token of its own: through the first door on this host.
Result<> Serving::Parts::start_demo() {
    const auto door = std::ranges::find_if_not(bound, &Bound::is_unix);
    if (door == bound.end())
        return failure(ErrorKind::invalid, "the demo needs an address and port to send its readings to");
    std::string token;
    auto state = access::AccessFile(real_file_system(), configuration.storage.path)
                     .update([&](access::AccessState& changed) -> Result<> {
                         (void)revoke_token(changed, kDemoToken);  // of an earlier run; its secret is gone
                         auto added = add_token(changed, {.name = std::string(kDemoToken)}, clock.now());
                         if (!added) return failure(std::move(added));
                         token = std::move(*added);
                         return {};
                     });
    if (!state) return failure(std::move(state));
    const std::string url = fmt::format("{}://{}", door->scheme, address_here(door->address, "127.0.0.1"));
    // A store that has readings had its history from the run before.
    const Nanoseconds history = store->statistics().series > 0 ? 0 : kDay;
    demo = std::make_unique<feeds::Demo>(
        feeds::DemoOptions{.base_url = url, .token = std::move(token), .history = history}, clock);
    return {};
}

void Serving::Parts::reload() {
    if (tls) {
        if (auto r = tls->reload(); !r) log::error("the certificate in use stays: {}", r.error().message);
    }
    if (auto r = access.reload(); !r) log::error("tokens and sessions known before stay: {}", r.error().message);
    auto fresh = on_reload();
    if (!fresh) return log::error("the log level stays: {}", fresh.error().message);
    log::set_level(fresh->logging.level);
}

Serving::Serving(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Serving::~Serving() = default;

Result<std::unique_ptr<Serving>> Serving::assemble(Configuration configuration,
                                                   std::function<Result<Configuration>()> on_reload) {
    ::umask(0077);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler,cert-err33-c): cannot fail
    log::set_level(configuration.logging.level);
    allow_descriptors_for(configuration.server.connections);
    auto parts = std::make_unique<Parts>(std::move(configuration));
    parts->on_reload = std::move(on_reload);
    const std::string& directory = parts->configuration.storage.path;
    if (auto r = real_file_system().make_directories(directory); !r) return failure(std::move(r));
    // What needs root's rights comes first: a key that only root may read, ports below 1024.
    if (auto r = parts->open_tls(); !r) return failure(std::move(r));
    if (auto r = parts->open_doors(); !r) return failure(std::move(r));
    if (auto r = become_owner_of(directory); !r) return failure(std::move(r));
    if (auto r = parts->open_store(); !r) return failure(std::move(r));
    if (auto r = parts->open_access(); !r) return failure(std::move(r));
    parts->prepare_backups();
    parts->flash = std::make_unique<upkeep::FlashWear>(directory, [clock = &parts->clock] { return clock->now(); });
    parts->add_routes();
    if (auto r = parts->open_control(); !r) return failure(std::move(r));
    return std::unique_ptr<Serving>(new Serving(std::move(parts)));
}

std::vector<std::string> Serving::addresses() const {
    std::vector<std::string> texts;
    for (const auto& one : parts_->bound) texts.push_back(one.text());
    return texts;
}
const SetupLink& Serving::setup_link() const {
    return parts_->setup_link;
}

Result<> Serving::start_demo() {
    return parts_->start_demo();
}

void Serving::run() {
    http::Loop& loop = parts_->loop;
    if (parts_->backups) parts_->backups->start();
    const auto stop = [this] { parts_->server.stop([this] { parts_->loop.stop(); }); };
    loop.on_signal(SIGTERM, stop);
    loop.on_signal(SIGINT, stop);
    loop.on_signal(SIGHUP, [this] { parts_->reload(); });
    loop.run();
    parts_->backups.reset();
    parts_->demo.reset();  // only now: it may have been waiting for the loop's answer
}

}  // namespace pomiar::cli
