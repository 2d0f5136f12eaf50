#include "web/own_pages/page_time.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "web/own_pages/local_time.hpp"

namespace pomiar::web {
namespace {

using jinja::Arguments;
using jinja::HostObject;
using jinja::Value;

// Formats that are ours do not fail.
std::string told(Nanoseconds time, std::string_view format) {
    return format_local_time(time, format).value_or(std::string());
}

class PageTime final : public HostObject {
  public:
    PageTime(Nanoseconds time, const Language& language) : time_(time), language_(language) {}

    Nanoseconds time() const { return time_; }
    std::string_view type_name() const override { return "time"; }
    void print(std::string& out) const override { out += told(time_, "%F %T"); }
    Value attribute(std::string_view name) const override;

  private:
    Value strftime() const {
        return Value::function(
            "strftime", [time = time_, &language = language_](const Arguments& given) -> Result<Value> {
                if (given.count != 1 || given.named_count != 0 || !given.get(0)->is_string()) {
                    return failure(ErrorKind::invalid, "strftime() takes one text, such as \"%H:%M\"");
                }
                auto text = format_local_time(time, given.get(0)->text(), language);
                if (!text) return failure(std::move(text));
                return Value(std::move(*text));
            });
    }

    Nanoseconds time_;
    const Language& language_;
};

Value PageTime::attribute(std::string_view name) const {
    if (name == "ms") return time_ / kMillisecond;
    if (name == "iso") return iso_time(time_);
    if (name == "date") return told(time_, "%F");
    if (name == "clock") return told(time_, "%R");
    if (name == "strftime") return strftime();
    const tm local = local_time(time_);
    if (name == "year") return local.tm_year + 1900;
    if (name == "month") return local.tm_mon + 1;
    if (name == "day") return local.tm_mday;
    if (name == "hour") return local.tm_hour;
    if (name == "minute") return local.tm_min;
    if (name == "second") return local.tm_sec;
    if (name == "weekday") return (local.tm_wday + 6) % 7 + 1;
    return Value::undefined(std::string(name));
}

}  // namespace

Value time_value(Nanoseconds time, const Language& language) {
    return Value::host(new PageTime(time, language));
}

std::optional<Nanoseconds> time_in(const Value& value) {
    if (!value.is_object()) return std::nullopt;
    const auto* time = dynamic_cast<const PageTime*>(&value.host_object());
    if (time == nullptr) return std::nullopt;
    return time->time();
}

std::string iso_time(Nanoseconds time) {
    return format_time(time / kMillisecond * kMillisecond);
}

}  // namespace pomiar::web
