#include "ingest/form.hpp"

#include <fmt/core.h>

#include "ingest/element.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_error.hpp"
#include "ingest/number.hpp"
#include "ingest/plain_value.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::string_view kTagPrefix = "tag.";

void set_time(Element& element, std::string_view text) {
    if (const auto milliseconds = parse_integer(text)) {
        element.set_time_milliseconds(*milliseconds);
    } else {
        element.set_time_text(text);
    }
}

void refuse_second(Element& element, const std::string& name) {
    element.refuse([&] { return BodyError{name, "comes twice", "duplicate"}; });
}

void refuse_value(Element& element, const std::string& field, std::string_view text, PlainFault fault) {
    element.refuse([&] {
        std::string message(describe(fault));
        if (fault == PlainFault::empty) {
            message += ": expected a number, true, false or a text";
        } else {
            message = fmt::format("\"{}\" {}", quotable(text, kShownBytesMax), message);
        }
        return BodyError{value_member(field), std::move(message), "wrong_value"};
    });
}

}  // namespace

void parse_form(const FormFields& form, Nanoseconds now, storage::Batch& batch, BodyReport& report) {
    Element element(report);
    element.start();
    bool has_sensor = false;
    bool has_time = false;
    for (const auto& [name, text] : form) {
        if (name == "sensor") {
            if (has_sensor) refuse_second(element, name);
            has_sensor = true;
            element.set_sensor(text);
        } else if (name == "time") {
            if (has_time) refuse_second(element, name);
            has_time = true;
            set_time(element, text);
        } else if (name.starts_with(kTagPrefix)) {
            element.add_tag(std::string_view(name).substr(kTagPrefix.size()), text);
        } else if (const auto value = plain_value(text)) {
            element.add_value(name, *value);
        } else {
            refuse_value(element, name, text, value.error());
        }
    }
    element.commit(now, batch);
}

}  // namespace pomiar::ingest
