#include "ingest/measurements_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <string>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/database/cell_time.hpp"
#include "ingest/element.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_error.hpp"
#include "ingest/number.hpp"

namespace pomiar::ingest {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 8;  // an array of elements with values is 3
constexpr std::array<std::string_view, 7> kMembers{"sensor", "tags", "time", "values", "metric", "value", "created_at"};
constexpr auto kTime = std::find(kMembers.begin(), kMembers.end(), "time");

std::string_view nearest_member(std::string_view name) {
    return *std::min_element(kMembers.begin(), kMembers.end(), [&](std::string_view a, std::string_view b) {
        return edit_distance(a, name) < edit_distance(b, name);
    });
}

// Follows the parser's events through the one shape that is right; whatever else comes is refused where it stands and
// passed over.
class Handler {
  public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    Handler(Nanoseconds now, storage::Batch& batch, BodyReport& report)
        : now_(now), batch_(batch), report_(report), element_(report) {}

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        if (place_ == Place::root || place_ == Place::list) {
            start_element();
            place_ = Place::element;
        } else if (place_ == Place::element && (member_ == "tags" || member_ == "values")) {
            place_ = Place::entries;
        } else {
            if (at("value")) {
                refuse_unknown("values");
            } else {
                found("an object");
            }
            ++skipped_;
        }
        return true;
    }
    bool on_object_end(std::size_t, json::error_code&) {
        if (skipped_ > 0) {
            --skipped_;
        } else if (place_ == Place::entries) {
            place_ = Place::element;
        } else {
            element_.commit(now_, batch_);
            place_ = report_.is_list ? Place::list : Place::done;
        }
        return true;
    }
    bool on_array_begin(json::error_code&) {
        if (place_ == Place::root) {
            report_.is_list = true;
            place_ = Place::list;
        } else {
            found("an array");
            ++skipped_;
        }
        return true;
    }
    bool on_array_end(std::size_t, json::error_code&) {
        if (skipped_ > 0) {
            --skipped_;
        } else {
            place_ = Place::done;
        }
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        text_.append(part.data(), part.size());
        if (skipped_ == 0) take_key();
        text_.clear();
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        text_.append(part.data(), part.size());
        take_text(text_);
        text_.clear();
        return true;
    }
    bool on_number_part(json::string_view part, json::error_code&) {
        number_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view digits, json::error_code&) {
        number_.clear();
        if (at("time")) {
            element_.set_time_milliseconds(value);
        } else if (at("created_at")) {
            element_.set_created_at(time_of_integer(value), digits);
        } else {
            take_value(storage::Value::of(value), "a number");
        }
        return true;
    }
    bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
        number_.clear();
        take_value(storage::Value::of(value), "a number");
        return true;
    }
    // The digits are read again: the parser's own double may miss the last bit.
    bool on_double(double, json::string_view part, json::error_code&) {
        number_.append(part.data(), part.size());
        const auto value = parse_decimal(number_);
        if (value && at("created_at")) {
            element_.set_created_at(time_of_real(*value), number_);
        } else if (value) {
            take_value(storage::Value::of(*value), "a number");
        } else {
            found("a number that no double can hold");
        }
        number_.clear();
        return true;
    }
    bool on_bool(bool value, json::error_code&) {
        if (at("value")) {
            element_.set_value(storage::Value::of(std::int64_t{value}));  // what a column of REAL made of it
        } else {
            take_value(storage::Value::of(value), value ? "true" : "false");
        }
        return true;
    }
    bool on_null(json::error_code&) {
        if (!at("created_at")) found("null");
        return true;
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    enum class Place { root, list, element, entries, done };

    void start_element() {
        member_.clear();
        seen_ = {};
        element_.start();
    }

    void take_key() {
        if (place_ == Place::entries) {
            entry_ = text_;
            return;
        }
        member_ = text_;
        const auto known = std::find(kMembers.begin(), kMembers.end(), member_);
        if (known == kMembers.end()) return refuse_unknown();
        // There is one time, by whichever name.
        bool& seen = seen_[static_cast<std::size_t>((member_ == "created_at" ? kTime : known) - kMembers.begin())];
        if (seen) element_.refuse([&] { return BodyError{member_, "comes twice", "duplicate"}; });
        seen = true;
    }

    void refuse_unknown(std::string_view meant = {}) {
        element_.refuse([&] {
            const auto shown = quotable(member_, kShownBytesMax);
            if (meant.empty()) meant = nearest_member(shown);
            return BodyError{shown, fmt::format("is not known; did you mean \"{}\"?", meant), "unknown_member"};
        });
    }

    void take_text(std::string_view text) {
        if (at("sensor")) {
            element_.set_sensor(text);
        } else if (at("time")) {
            element_.set_time_text(text);
        } else if (in("tags")) {
            element_.add_tag(entry_, text);
        } else if (at("metric")) {
            element_.set_metric(text);
        } else if (at("value")) {
            element_.set_value_text(text);
        } else if (at("created_at")) {
            element_.set_created_at(time_of_text(text), text);
        } else {
            take_value(storage::Value::of(text), "a text");
        }
    }
    void take_value(const storage::Value& value, std::string_view what) {
        if (in("values")) {
            element_.add_value(entry_, value);
        } else if (at("value")) {
            element_.set_value(value);
        } else {
            found(what);
        }
    }

    // Whether the value at hand is that of this member, or stands in the object of this member.
    bool at(std::string_view member) const { return skipped_ == 0 && place_ == Place::element && member_ == member; }
    bool in(std::string_view member) const { return skipped_ == 0 && place_ == Place::entries && member_ == member; }

    // Something stands where it does not belong.
    void found(std::string_view what) {
        if (skipped_ > 0) return;
        if (place_ == Place::root || place_ == Place::list) {
            start_element();
            element_.refuse([&] { return wrong_type("", "an object", what); });
            element_.commit(now_, batch_);
        } else if (place_ == Place::entries && member_ == "tags") {
            element_.refuse([&] { return wrong_type("tags." + quotable(entry_, kShownBytesMax), "a text", what); });
        } else if (place_ == Place::entries) {
            element_.refuse([&] { return wrong_type(value_member(entry_), "a number, true, false or a text", what); });
        } else if (std::find(kMembers.begin(), kMembers.end(), member_) != kMembers.end()) {
            element_.refuse([&] { return wrong_type(member_, expected_of(member_), what); });
        }
    }
    static BodyError wrong_type(std::string member, std::string_view expected, std::string_view found) {
        return {std::move(member), fmt::format("expected {}, found {}", expected, found), "wrong_type"};
    }
    static std::string_view expected_of(std::string_view member) {
        if (member == "sensor" || member == "metric") return "a text";
        if (member == "value") return "a number";
        if (member == "created_at") return "a text such as \"2026-11-23T18:00:00Z\" or seconds since 1970";
        return member == "time" ? "a text such as \"2026-11-23T18:00:00Z\" or whole milliseconds" : "an object";
    }

    Nanoseconds now_;
    storage::Batch& batch_;
    BodyReport& report_;
    Element element_;
    Place place_ = Place::root;
    int skipped_ = 0;     // open objects and arrays that are passed over
    std::string member_;  // of the element
    std::string entry_;   // of its tags or values
    std::string text_;    // parts of a key or string
    std::string number_;  // parts of a number
    std::array<bool, kMembers.size()> seen_{};
};

std::string place_of(std::string_view body, std::size_t offset) {
    const auto before = body.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n') + 1;  // 0 when there is none
    return fmt::format("line {}, byte {}", lines + 1, offset - line_start + 1);
}

}  // namespace

Result<> parse_measurements_json(std::string_view body, Nanoseconds now, storage::Batch& batch, BodyReport& report) {
    const std::size_t batch_size = batch.size();
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::basic_parser<Handler> parser(options, now, batch, report);
    json::error_code error;
    const std::size_t used = parser.write_some(false, body.data(), body.size(), error);
    if (!error && used < body.size()) error = json::error::extra_data;
    if (!error) return {};
    batch.shrink(batch_size);
    report = {};
    return failure(ErrorKind::invalid,
                   fmt::format("the body is not JSON: {}: {}", place_of(body, used), error.message()));
}

}  // namespace pomiar::ingest
