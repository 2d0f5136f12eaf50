#include "web/csv_text.hpp"

#include <cmath>

#include "base/text.hpp"
#include "web/json_text.hpp"

namespace pomiar::web {

bool wants_csv(const http::Request& request) {
    return request.headers.names("Accept", "text/csv");
}

void append_csv_text(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void append_csv_value(std::string& out, const storage::Value& value) {
    if (value.kind == storage::ValueKind::text) {
        append_csv_text(out, value.text);
    } else if (value.kind == storage::ValueKind::float64) {
        if (!std::isnan(value.as_double())) append_double(out, value.as_double());
    } else {
        append_json_value(out, value);
    }
}

}  // namespace pomiar::web
