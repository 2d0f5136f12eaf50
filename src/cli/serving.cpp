#include "cli/serving.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/log_writer.hpp"
#include "cli/access_line.hpp"
#include "cli/build_info.hpp"
#include "cli/certificates.hpp"
#include "cli/commands.hpp"
#include "cli/config/address.hpp"
#include "cli/descriptor_limit.hpp"
#include "cli/doors.hpp"
#include "cli/front.hpp"
#include "cli/owner.hpp"
#include "cli/owner_facts.hpp"
#include "cli/readings/control_routes.hpp"
#include "cli/readings/gateway.hpp"
#include "cli/service/inherited_sockets.hpp"
#include "cli/service/supervisor.hpp"
#include "cli/service/watchdog.hpp"
#include "feeds/demo.hpp"
#include "feeds/own_sensor.hpp"
#include "http/server.hpp"
#include "storage/backup.hpp"
#include "storage/store.hpp"
#include "upkeep/daily_backup.hpp"
#include "upkeep/flash_wear.hpp"
#include "web/access/guard.hpp"
#include "web/embedded.hpp"
#include "web/live/live_feeds.hpp"
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
    options.trusted_proxies = settings.trusted_proxies;
    return options;
}

log::WriterOptions log_options(const Configuration& configuration) {
    const auto& settings = configuration.logging;
    return {.file = settings.file == "stderr" ? "" : settings.file,
            .rotation = {.bytes_max = settings.rotate_size, .keep = settings.rotate_keep},
            .entries_max = settings.buffer};
}

}  // namespace

// In the order of building; gone in the opposite one.
struct Serving::Parts {
    Parts(Loaded with, std::vector<InheritedSocket> inherited);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        backups.reset();
        own_sensor.reset();
        store.reset();  // its last jobs still look at the fronts
    }

    Result<> open_doors();
    Result<> open_store();
    Result<> open_access();
    void connect_fronts();
    web::WebOptions web_options() const;
    Result<> open_control();
    void prepare_backups();
    std::optional<web::BackupState> backup_state() const;
    web::FlashState flash_state() const;
    Result<> start_demo();
    void measure_itself();
    void log_answers(bool all);
    void reload();
    std::string status() const;
    std::vector<http::Loop*> loops() const;
    http::Loop& first_loop() const { return fronts.front()->loop; }

    const Loaded loaded;  // as it was at the start
    Configuration configuration;
    std::function<Result<Configuration>()> on_reload;
    SystemClock clock;
    std::unique_ptr<log::Writer> log;  // for all below
    Supervisor supervisor{ServiceEnvironment::read()};
    Doors doors;
    std::shared_ptr<web::LabelBook> labels;
    std::unique_ptr<Certificates> certificates;  // none: no HTTPS door
    std::unique_ptr<upkeep::FlashWear> flash;    // the fronts' threads for files look at these two to their end
    std::vector<std::unique_ptr<Front>> fronts;  // one for each of server.threads
    web::LiveFeeds feeds;
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<upkeep::DailyBackup> backups;
    http::Router control;  // for the data directory's own socket
    std::unique_ptr<http::Server> server;
    SetupLink setup_link;
    std::unique_ptr<Watchdog> watchdog;
    std::unique_ptr<feeds::OwnSensor> own_sensor;  // goes before the store
    std::unique_ptr<feeds::Demo> demo;             // first to go: it is a client
};

Serving::Parts::Parts(Loaded with, std::vector<InheritedSocket> inherited)
    : loaded(std::move(with)), configuration(loaded.configuration), doors(configuration.server, std::move(inherited)) {
    const auto shared = std::make_shared<access::AccessShared>(clock);
    labels = std::make_shared<web::LabelBook>(real_file_system(), configuration.storage.path);
    if (auto r = labels->load(); !r) log::error("sensors are called by guesses: {}", r.error().message);
    for (std::size_t i = 0; i < configuration.server.threads; ++i) {
        fronts.push_back(std::make_unique<Front>(configuration.storage.path, clock, shared));
        feeds.add(fronts.back()->feed);
    }
    server = std::make_unique<http::Server>(loops(), clock, server_options(configuration));
}

std::vector<http::Loop*> Serving::Parts::loops() const {
    std::vector<http::Loop*> all;
    all.reserve(fronts.size());
    for (const auto& front : fronts) all.push_back(&front->loop);
    return all;
}

Result<> Serving::Parts::open_doors() {
    if (doors.want_tls()) {
        auto opened = Certificates::open(configuration.tls, configuration.storage.path, clock);
        if (!opened) return failure(std::move(opened));
        certificates = std::move(*opened);
    }
    return doors.open(*server, fronts, certificates ? certificates->tls() : nullptr);
}

Result<> Serving::Parts::open_store() {
    storage::StoreOptions options = store_options(configuration);
    options.built = kBuilt;
    options.retention.by_store_time = true;
    auto opened = storage::Store::open(options, real_file_system(), clock, &feeds);
    if (!opened) return failure(std::move(opened));
    store = std::move(*opened);
    return {};
}

// Damaged access data lets nobody in, but readings already known stay visible where auth.public says so.
Result<> Serving::Parts::open_access() {
    access::Access& access = fronts.front()->access;
    std::optional<std::string> key;
    if (auto r = access.reload(); !r) {
        log::error("nobody can sign in or write: {}", r.error().message);
    } else if (!access.has_password()) {
        auto begun = access.begin_setup();
        if (!begun) return failure(std::move(begun));
        key = std::move(*begun);
    }
    for (std::size_t i = 1; i < fronts.size(); ++i) (void)fronts[i]->access.reload();  // as the first has told
    const OpenDoor* door = doors.first(true);
    if (!key || door == nullptr) return {};
    setup_link.url = fmt::format("{}/setup?key={}", door->url_at("localhost"), *key);
    setup_link.any_host = is_any_address(door->address);
    return {};
}

web::WebOptions Serving::Parts::web_options() const {
    web::WebOptions options;
    options.version = kVersion;
    options.events_interval = configuration.events.interval;
    options.templates = web::embedded_templates();
    options.asset_paths = web::embedded_asset_paths();
    options.languages = web::embedded_languages();
    options.labels = labels;
    options.facts = owner_facts(loaded, certificates.get(), backups.get());
    options.assets = web::embedded_assets();
    options.strict_transport = !configuration.tls.certificate.empty();
    options.static_directory = configuration.storage.path + "/static";
    options.pages_directory = configuration.storage.path + "/pages";
    options.server = [this] { return server->statistics(); };
    options.backup = [this] { return backup_state(); };
    options.flash = [this] { return flash_state(); };
    options.log_lines_lost = [this] { return log->lines_lost(); };
    // Pages left open must not keep devices from bringing their readings.
    options.event_streams = std::make_shared<Allotment>(std::max<std::size_t>(configuration.server.connections / 2, 1));
    options.event_ids_start = fmt::format("{:x}", clock.now());
    return options;
}

void Serving::Parts::connect_fronts() {
    const web::WebOptions options = web_options();
    for (const auto& front : fronts) {
        front->connect(*store, clock, configuration.auth.open_to_all, options);
        if (certificates) certificates->add_routes(front->everything);
    }
    Front& first = *fronts.front();
    control.before(access::guard(first.access, {.owner = true}));
    first.web->add_all(control);
    add_control_routes(control, *store, first.loop);
}

Result<> Serving::Parts::open_control() {
    auto socket = server->listen(
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
            .written_in_all = state.written_in_all,
            .disk_written_in_all = state.device_written_in_all,
            .disk_bytes = state.device_bytes,
            .mount_point = std::move(state.mount.point),
            .filesystem = state.mount.filesystem,
            .options = state.mount.options,
            .commit_seconds = state.mount.commit_seconds(),
            .fstab_line = std::move(state.fstab_line)};
}

// The simulated house writes like any device, with a token of its own: through the first door on this host.
Result<> Serving::Parts::start_demo() {
    const OpenDoor* door = doors.first(false);
    if (door == nullptr)
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
    // A store that has more than the server's own readings had its history from the run before.
    const Nanoseconds history = store->statistics().series > feeds::OwnReadings::kFields ? 0 : kDay;
    demo = std::make_unique<feeds::Demo>(
        feeds::DemoOptions{.base_url = door->url_at("127.0.0.1"), .token = std::move(token), .history = history},
        clock);
    return {};
}

void Serving::Parts::measure_itself() {
    if (configuration.self.every == 0) return;
    feeds::OwnSensorOptions options;
    options.every = configuration.self.every;
    options.server = [this] {
        const storage::StoreStatistics stored = store->statistics();
        return feeds::ServerFigures{.readings_stored = stored.readings_stored,
                                    .flash_written = flash->written(),
                                    .database_bytes = stored.database_bytes};
    };
    own_sensor = std::make_unique<feeds::OwnSensor>(*store, clock, std::move(options));
}

void Serving::Parts::log_answers(bool all) {
    if (all) {
        server->on_answer([](const http::Answered& answered) { log::write_access(access_line(answered)); });
    } else {
        server->on_answer(nullptr);
    }
}

std::string Serving::Parts::status() const {
    std::string text = "listening at";
    for (const OpenDoor& one : doors.all()) text += " " + one.text();
    return text;
}

void Serving::Parts::reload() {
    log->reopen();
    if (certificates) certificates->reload();
    if (auto r = fronts.front()->access.reload(); !r)
        log::error("tokens and sessions known before stay: {}", r.error().message);
    // The others see for themselves within a second that the file is another.
    auto fresh = on_reload();
    if (!fresh) return log::error("log.level and log.access stay: {}", fresh.error().message);
    log::set_level(fresh->logging.level);
    log_answers(fresh->logging.access);
}

Serving::Serving(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Serving::~Serving() = default;

Result<std::unique_ptr<Serving>> Serving::assemble(Loaded loaded, std::function<Result<Configuration>()> on_reload) {
    const Configuration& configuration = loaded.configuration;
    ::umask(0077);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(bugprone-signal-handler,cert-err33-c): cannot fail
    log::set_level(configuration.logging.level);
    allow_descriptors_for(configuration.server.connections);
    if (auto r = real_file_system().make_directories(configuration.storage.path); !r) return failure(std::move(r));
    auto inherited = inherited_sockets(ServiceEnvironment::read());
    if (!inherited) return failure(std::move(inherited));
    auto parts = std::make_unique<Parts>(std::move(loaded), std::move(*inherited));
    parts->on_reload = std::move(on_reload);
    const std::string& directory = parts->configuration.storage.path;
    // What needs root's rights comes first: a key that only root may read, ports below 1024.
    if (auto r = parts->open_doors(); !r) return failure(std::move(r));
    if (auto r = become_owner_of(directory); !r) return failure(std::move(r));
    parts->log = std::make_unique<log::Writer>(log_options(parts->configuration), real_file_system(), parts->clock);
    parts->log_answers(parts->configuration.logging.access);
    if (auto r = parts->open_store(); !r) return failure(std::move(r));
    if (auto r = parts->open_access(); !r) return failure(std::move(r));
    parts->prepare_backups();
    parts->flash = std::make_unique<upkeep::FlashWear>(directory, [clock = &parts->clock] { return clock->now(); });
    parts->connect_fronts();
    if (auto r = parts->open_control(); !r) return failure(std::move(r));
    return std::unique_ptr<Serving>(new Serving(std::move(parts)));
}

std::vector<std::string> Serving::addresses() const {
    std::vector<std::string> texts;
    for (const OpenDoor& one : parts_->doors.all()) texts.push_back(one.text());
    return texts;
}
const SetupLink& Serving::setup_link() const {
    return parts_->setup_link;
}

Result<> Serving::start_demo() {
    return parts_->start_demo();
}

void Serving::run() {
    http::Loop& loop = parts_->first_loop();
    if (parts_->backups) parts_->backups->start();
    parts_->measure_itself();
    if (parts_->certificates) parts_->certificates->look_after(loop);
    const auto stop = [this] {
        parts_->supervisor.stopping();
        parts_->server->stop([this] {
            for (http::Loop* each : parts_->loops()) each->stop();
        });
    };
    loop.on_signal(SIGTERM, stop);
    loop.on_signal(SIGINT, stop);
    loop.on_signal(SIGHUP, [this] {
        parts_->supervisor.reloading(parts_->clock.monotonic());
        parts_->reload();
        parts_->supervisor.ready(parts_->status());
    });
    const Supervisor& supervisor = parts_->supervisor;
    if (const auto patience = supervisor.patience())
        parts_->watchdog = std::make_unique<Watchdog>(parts_->loops(), *parts_->store, supervisor, *patience);
    loop.post([this] { parts_->supervisor.ready(parts_->status()); });
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < parts_->fronts.size(); ++i)
            threads.emplace_back([&front = *parts_->fronts[i]] { front.loop.run(); });
        loop.run();
    }
    parts_->watchdog.reset();
    parts_->own_sensor.reset();
    parts_->backups.reset();
    parts_->demo.reset();  // only now: it may have been waiting for the loop's answer
    parts_->fronts.front()->access.write_uses();
}

}  // namespace pomiar::cli
