#include "web/live/update.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "web/api/json_text.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

constexpr std::size_t kCharacterBytesMax = 4;  // UTF-8

void append_sensor(std::string& out, const Update& update) {
    out += "{\"sensor\":";
    append_json_string(out, update.sensor);
    out += ",\"fields\":{";
}

void append_field(std::string& out, const Update& update) {
    const storage::Value value = update.latest.value();
    const std::string text = value_text(value);
    append_json_string(out, update.field);
    out += fmt::format(":{{\"time\":{},\"value\":", update.latest.time / kMillisecond);
    if (value.kind == storage::ValueKind::text) {
        append_json_string(out, text);
    } else {
        append_json_value(out, value);
    }
    out += ",\"text\":";
    append_json_string(out, text);
    out += '}';
}

}  // namespace

std::string updates_as_json(std::vector<Update> updates) {
    std::sort(updates.begin(), updates.end(),
              [](const auto& a, const auto& b) { return std::tie(a.sensor, a.field) < std::tie(b.sensor, b.field); });
    std::string out = "{\"sensors\":[";
    for (std::size_t i = 0; i < updates.size(); ++i) {
        if (i == 0 || updates[i].sensor != updates[i - 1].sensor) {
            if (i != 0) out += "}},";
            append_sensor(out, updates[i]);
        } else {
            out += ',';
        }
        append_field(out, updates[i]);
    }
    return out += updates.empty() ? "]}" : "}}]}";
}

std::size_t json_bytes(const Update& update) {
    std::string text;
    append_sensor(text, update);
    append_field(text, update);
    return text.size() + 3;  // "}},"
}

std::string shown_text(std::string_view text) {
    // Bytes that are no characters must not be kept without bound: one character more, so that it is seen to be cut.
    const std::string_view enough = text.substr(0, (kShownCharactersMax + 1) * kCharacterBytesMax);
    return value_text(storage::Value::of(enough));
}

}  // namespace pomiar::web
