#include "web/api/csv_text.hpp"

#include <cmath>

#include "base/text.hpp"
#include "query/reading_format.hpp"
#include "web/api/json_text.hpp"

namespace pomiar::web {

bool wants_csv(const http::Request& request) {
    return request.headers.names("Accept", "text/csv");
}

void append_csv_value(std::string& out, const storage::Value& value) {
    if (value.kind == storage::ValueKind::text) {
        query::append_csv_cell(out, value.text);
    } else if (value.kind == storage::ValueKind::float64) {
        if (!std::isnan(value.as_double())) append_double(out, value.as_double());
    } else {
        append_json_value(out, value);
    }
}

}  // namespace pomiar::web
