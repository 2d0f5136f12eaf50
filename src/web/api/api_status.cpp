#include "web/api/api_status.hpp"

#include <fmt/core.h>

#include "web/access/guard.hpp"
#include "web/api/json_text.hpp"

namespace pomiar::web {
namespace {

constexpr std::size_t kAheadListMax = 100;

void append_optional_time(std::string& out, std::optional<Nanoseconds> time) {
    if (time) {
        append_json_time(out, *time);
    } else {
        out += "null";
    }
}

void append_backup(std::string& out, const BackupState& backup) {
    out += "{\"to\":";
    append_json_string(out, backup.to);
    out += ",\"last\":";
    if (backup.last) {
        out += "{\"file\":";
        append_json_string(out, backup.last->file);
        out += ",\"time\":";
        append_json_time(out, backup.last->finished);
        out += fmt::format(",\"bytes\":{}}}", backup.last->bytes);
    } else {
        out += "null";
    }
    out += ",\"next\":";
    append_optional_time(out, backup.next);
    out += ",\"trouble\":";
    if (backup.trouble.empty()) {
        out += "null";
    } else {
        append_json_string(out, backup.trouble);
    }
    out += '}';
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
    out += fmt::format(",\"{}\":", name);
    if (text.empty()) {
        out += "null";
    } else {
        append_json_string(out, text);
    }
}

void append_flash(std::string& out, const FlashState& flash) {
    out += "{\"since\":";
    append_json_time(out, flash.since);
    out += fmt::format(",\"written\":{},\"disk_written\":{},\"disk_bytes\":{}", flash.written, flash.disk_written,
                       flash.disk_bytes);
    append_text(out, "mount_point", flash.mount_point);
    append_text(out, "filesystem", flash.filesystem);
    append_text(out, "options", flash.options);
    out += ",\"commit_seconds\":";
    out += flash.commit_seconds ? fmt::format("{}", *flash.commit_seconds) : "null";
    append_text(out, "fstab_line", flash.fstab_line);
    out += '}';
}

void append_time(std::string& out, storage::Store& store, std::string_view only) {
    const storage::StoreStatistics statistics = store.statistics();
    out += fmt::format("{{\"known\":{},\"untimed\":{},\"ahead\":{},\"ahead_of\":[", statistics.time_known,
                       statistics.untimed, statistics.ahead);
    std::size_t listed = 0;
    for (const storage::Store::Ahead& ahead : store.ahead()) {
        if (!ahead.sensor.starts_with(only)) continue;
        if (listed == kAheadListMax) break;
        if (listed++ != 0) out += ',';
        out += "{\"sensor\":";
        append_json_string(out, ahead.sensor);
        out += ",\"field\":";
        append_json_string(out, ahead.field);
        out += fmt::format(",\"count\":{},\"first\":", ahead.count);
        append_json_time(out, ahead.first);
        out += ",\"last\":";
        append_json_time(out, ahead.last);
        out += '}';
    }
    out += "]}";
}

}  // namespace

Task<http::Response> StatusApi::get(http::Request& request) {
    const std::string only = access::principal_of(request).only;
    std::optional<FlashState> flash;
    if (flash_ && only.empty()) {
        auto reading = files_.run(flash_);
        flash = co_await reading;
    }
    std::string out = "{\"time\":";
    append_time(out, context_.store, only);
    out += ",\"backup\":";
    if (const auto backup = backup_ && only.empty() ? backup_() : std::nullopt) {
        append_backup(out, *backup);
    } else {
        out += "null";
    }
    out += ",\"flash\":";
    if (flash) {
        append_flash(out, *flash);
    } else {
        out += "null";
    }
    out += '}';
    co_return http::Response::bytes("application/json", std::move(out));
}

}  // namespace pomiar::web
