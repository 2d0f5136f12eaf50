#include "web/pages/owner_pages.hpp"

#include <string>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"
#include "http/descriptor.hpp"
#include "http/file_body.hpp"
#include "http/form.hpp"
#include "web/pages/forecast.hpp"
#include "web/pages/status_model.hpp"
#include "web/words/display.hpp"
#include "web/words/quantities.hpp"

namespace pomiar::web {
namespace {

using http::Request;
using http::Response;
using jinja::Value;

Value text_or_none(std::string_view text) {
    return text.empty() ? Value() : Value(text);
}

Value backup_value(const BackupState& backup, Nanoseconds now, const Language& language) {
    Value last;
    if (backup.last) {
        last = Value::object({{"file", backup.last->file},
                              {"age", age_text(backup.last->finished, now, language)},
                              {"size", bytes_text(backup.last->bytes, language)}});
    }
    return Value::object({{"to", backup.to},
                          {"last", std::move(last)},
                          {"next", backup.next ? Value(format_time(*backup.next).substr(0, 16)) : Value()},
                          {"trouble", text_or_none(backup.trouble)}});
}

Value certificate_value(const CertificateState& certificate, Nanoseconds now, const Language& language) {
    Value names = Value::list();
    for (const std::string& name : certificate.names) names.append(name);
    return Value::object({{"is_own", certificate.is_own},
                          {"names", std::move(names)},
                          {"ends", format_time(certificate.ends).substr(0, 10)},
                          {"left", duration_text(std::max<Nanoseconds>(certificate.ends - now, 0), language)}});
}

Value forecast_value(const storage::StoreStatistics& store, const OwnerFacts& facts, Nanoseconds now,
                     const Language& language) {
    const storage::LevelStatistics& raw = store.levels.front();
    Usage usage{.raw_bytes = raw.bytes,
                .raw_span = raw.count == 0 ? 0 : now - raw.oldest,
                .budget = facts.budget,
                .keep_raw = facts.keep.front()};
    usage.rest_bytes = store.database_bytes - std::min(store.database_bytes, raw.bytes);
    const auto told = forecast(usage);
    if (!told) return {};
    return Value::object({{"each_day", bytes_text(static_cast<std::uint64_t>(told->bytes_a_day), language)},
                          {"reach", duration_text(told->reach, language)},
                          {"by_budget", told->is_by_budget},
                          {"bytes", bytes_text(told->bytes, language)}});
}

struct OpenFile {
    http::Descriptor descriptor;
    std::uint64_t size = 0;
};

Result<OpenFile> open_file(const std::string& path) {
    OpenFile file{http::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)), 0};
    struct stat status{};
    if (file.descriptor.get() < 0 || ::fstat(file.descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return failure(ErrorKind::not_found, fmt::format("{} is not there; is its stick in?", path));
    file.size = static_cast<std::uint64_t>(status.st_size);
    return file;
}

}  // namespace

OwnerPages::OwnerPages(const Context& context, http::Loop& loop, PageMaker& maker, OwnerSources sources)
    : context_(context),
      maker_(maker),
      sources_(std::move(sources)),
      started_(context.clock.monotonic()),
      files_(loop) {}

Task<Response> OwnerPages::status(Request& request) {
    const PageFrame frame = maker_.frame(request, N_("Status"));
    StatusFigures figures;
    figures.store = context_.store.statistics();
    if (sources_.backup) figures.backup = sources_.backup();
    if (sources_.log_lines_lost) figures.log_lines_lost = sources_.log_lines_lost();
    auto reading = files_.run([flash = sources_.flash] {  // files, of the card too
        return std::pair(flash ? std::optional(flash()) : std::nullopt, memory_of_process().value_or(0));
    });
    std::tie(figures.flash, figures.memory) = co_await reading;
    figures.now = frame.now;
    figures.running = context_.clock.monotonic() - started_;
    figures.readings_each_second = static_cast<double>(figures.store.readings_stored) /
                                   std::max(static_cast<double>(figures.running) / static_cast<double>(kSecond), 1.0);
    co_return maker_.show("status.html", frame, {"status", status_value(figures, *sources_.facts, *frame.language)});
}

Task<Response> OwnerPages::settings(Request& request) {
    const PageFrame frame = maker_.frame(request, N_("Settings"));
    const OwnerFacts& facts = *sources_.facts;
    const storage::StoreStatistics store = context_.store.statistics();
    Value rows = Value::list();
    for (const SettingRow& row : facts.settings) {
        rows.append(
            Value::object({{"key", row.key}, {"value", row.value}, {"origin", row.origin}, {"help", row.help}}));
    }
    const auto backup = sources_.backup ? sources_.backup() : std::nullopt;
    std::optional<CertificateState> certificate;
    if (facts.certificate) {
        auto reading = files_.run([tell = facts.certificate] { return tell(); });
        certificate = co_await reading;
    }
    Value settings = Value::object(
        {{"rows", std::move(rows)},
         {"used", bytes_text(store.database_bytes, *frame.language)},
         {"budget", bytes_text(facts.budget, *frame.language)},
         {"forecast", forecast_value(store, facts, frame.now, *frame.language)},
         {"backup", backup ? backup_value(*backup, frame.now, *frame.language) : Value()},
         {"asked", request.query("backup").has_value()},
         {"certificate", certificate ? certificate_value(*certificate, frame.now, *frame.language) : Value()}});
    co_return maker_.show("settings.html", frame, {"settings", std::move(settings)});
}

Task<Response> OwnerPages::back_up(Request& request) {
    const auto form = http::parse_form(request.body, 4);
    if (!form) co_return maker_.problem(request, http::problem_of(form.error()));
    if (auto refused = maker_.refuse_form(request, *form)) co_return std::move(*refused);
    if (!sources_.facts->back_up_now)
        co_return maker_.problem(request,
                                 {.status = 409, .detail = "backup.to is not set: there is no place for backups"});
    sources_.facts->back_up_now();
    co_return Response::redirect("/settings?backup=asked#backup");
}

Task<Response> OwnerPages::download(Request& request) {
    const auto backup = sources_.backup ? sources_.backup() : std::nullopt;
    if (!backup || !backup->last)
        co_return maker_.problem(request, {.status = 404, .detail = "no backup has been made yet"});
    const std::string path = backup->last->file;
    auto opening = files_.run([path] { return open_file(path); });
    Result<OpenFile> opened = co_await opening;
    if (!opened) co_return maker_.problem(request, http::problem_of(opened.error()));
    Response response;
    response.header("Content-Type", "application/vnd.sqlite3");
    response.header("Content-Disposition",
                    fmt::format("attachment; filename=\"{}\"", path.substr(path.rfind('/') + 1)));
    response.file =
        std::make_shared<http::FileBody>(files_, open_files_, std::move(opened->descriptor), 0, opened->size);
    co_return response;
}

}  // namespace pomiar::web
