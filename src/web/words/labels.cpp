#include "web/words/labels.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

namespace json = boost::json;

constexpr int kVersion = 1;
constexpr std::size_t kNameCharactersMax = 10'000;  // of a sensor or field, as devices send them

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<> check_text(std::string_view what, std::string_view text, std::size_t characters_max) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!is_utf8(text) || std::ranges::any_of(text, is_control))
        return failure(ErrorKind::invalid, fmt::format("{} is not plain text", what));
    if (characters(text) > characters_max)
        return failure(ErrorKind::invalid, fmt::format("{} is longer than {} characters", what, characters_max));
    return {};
}

Result<> check_number(std::string_view what, const std::optional<int>& number, int max) {
    if (!number || (*number >= 0 && *number <= max)) return {};
    return failure(ErrorKind::invalid, fmt::format("{} is not from 0 to {}", what, max));
}

json::object to_object(const FieldLabel& label) {
    json::object out;
    if (!label.title.empty()) out["title"] = label.title;
    if (label.unit) out["unit"] = *label.unit;
    if (label.decimals)
        out["decimals"] = *label.decimals == kAsNeeded ? json::value(nullptr) : json::value(*label.decimals);
    if (label.hidden) out["hidden"] = true;
    return out;
}

json::object to_object(const SensorLabel& label) {
    json::object out;
    if (!label.title.empty()) out["title"] = label.title;
    if (!label.group.empty()) out["group"] = label.group;
    if (!label.icon.empty()) out["icon"] = label.icon;
    if (label.place) out["place"] = *label.place;
    if (label.hidden) out["hidden"] = true;
    json::object fields;
    for (const auto& [name, field] : label.fields) fields[name] = to_object(field);
    if (!fields.empty()) out["fields"] = std::move(fields);
    return out;
}

// Takes values of one object; notes whether each had its kind.
class Reading {
  public:
    explicit Reading(const json::object& object) : object_(object) {}

    void take(std::string_view key, std::string& out) {
        take(key, out, [](const json::value& value) -> std::optional<std::string> {
            return value.is_string() ? std::optional(std::string(value.get_string())) : std::nullopt;
        });
    }
    void take(std::string_view key, std::optional<std::string>& out) {
        if (object_.contains(key)) take(key, out.emplace());
    }
    void take(std::string_view key, std::optional<int>& out) {
        if (!object_.contains(key)) return;
        take(key, out.emplace(), [](const json::value& value) -> std::optional<int> {
            const bool fits = value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kPlaceMax;
            return fits ? std::optional(static_cast<int>(value.get_int64())) : std::nullopt;
        });
    }
    void take_decimals(std::optional<int>& out) {
        const json::value* value = object_.if_contains("decimals");
        if (value != nullptr && value->is_null()) {
            out = kAsNeeded;
        } else {
            take("decimals", out);
        }
    }
    void take(std::string_view key, bool& out) {
        take(key, out,
             [](const json::value& value) { return value.is_bool() ? std::optional(value.get_bool()) : std::nullopt; });
    }
    bool is_good() const { return is_good_; }

  private:
    // `read` gives nothing for a value of another kind.
    template <class T, class Read>
    void take(std::string_view key, T& out, Read read) {
        const json::value* value = object_.if_contains(key);
        if (value == nullptr) return;
        auto found = read(*value);
        is_good_ = is_good_ && found.has_value();
        if (found) out = std::move(*found);
    }

    const json::object& object_;
    bool is_good_ = true;
};

std::optional<FieldLabel> read_field(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    FieldLabel label;
    Reading reading(value.get_object());
    reading.take("title", label.title);
    reading.take("unit", label.unit);
    reading.take_decimals(label.decimals);
    reading.take("hidden", label.hidden);
    return reading.is_good() ? std::optional(std::move(label)) : std::nullopt;
}

std::optional<SensorLabel> read_sensor(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    SensorLabel label;
    Reading reading(value.get_object());
    reading.take("title", label.title);
    reading.take("group", label.group);
    reading.take("icon", label.icon);
    reading.take("place", label.place);
    reading.take("hidden", label.hidden);
    if (!reading.is_good()) return std::nullopt;
    const json::value* fields = value.get_object().if_contains("fields");
    if (fields == nullptr) return label;
    if (!fields->is_object()) return std::nullopt;
    for (const auto& [name, one] : fields->get_object()) {
        auto field = read_field(one);
        if (!field) return std::nullopt;
        label.fields.emplace(name, std::move(*field));
    }
    return label;
}

}  // namespace

const FieldLabel* SensorLabel::find(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? nullptr : &found->second;
}

const SensorLabel* find(const Labels& labels, std::string_view sensor) {
    const auto found = labels.find(sensor);
    return found == labels.end() ? nullptr : &found->second;
}

Result<> check_label(const SensorLabel& label) {
    if (auto r = check_text("the name", label.title, kLabelCharactersMax); !r) return r;
    if (auto r = check_text("the group", label.group, kLabelCharactersMax); !r) return r;
    if (auto r = check_text("the icon", label.icon, kUnitCharactersMax); !r) return r;
    if (auto r = check_number("the place", label.place, kPlaceMax); !r) return r;
    if (label.fields.size() > kLabelledFieldsMax)
        return failure(ErrorKind::invalid,
                       fmt::format("more than {} fields of a sensor have names of their own", kLabelledFieldsMax));
    for (const auto& [name, field] : label.fields) {
        if (auto r = check_text("the field's name", field.title, kLabelCharactersMax); !r) return r;
        if (auto r = check_text("the unit", field.unit.value_or(""), kUnitCharactersMax); !r) return r;
        if (auto r = check_text("the field", name, kNameCharactersMax); !r) return r;
        if (field.decimals == kAsNeeded) continue;
        if (auto r = check_number("the count of decimals", field.decimals, kDecimalsMax); !r) return r;
    }
    return {};
}

std::string to_json(const Labels& labels) {
    json::object sensors;
    for (const auto& [sensor, label] : labels) sensors[sensor] = to_object(label);
    return json::serialize(json::object{{"version", kVersion}, {"sensors", std::move(sensors)}}) + "\n";
}

Result<Labels> labels_from_json(std::string_view text) {
    boost::system::error_code error;
    const json::value whole = json::parse(text, error);
    const json::object* object = error ? nullptr : whole.if_object();
    const json::value* version = object == nullptr ? nullptr : object->if_contains("version");
    const json::value* sensors = object == nullptr ? nullptr : object->if_contains("sensors");
    if (version == nullptr || *version != kVersion || sensors == nullptr || !sensors->is_object())
        return failure(ErrorKind::corrupt, "it is not a list of labels, version 1");
    Labels labels;
    for (const auto& [name, value] : sensors->get_object()) {
        auto label = read_sensor(value);
        if (!label || !check_label(*label) || labels.size() == kLabelledSensorsMax)
            return failure(ErrorKind::corrupt,
                           fmt::format("the label of `{}` is not what was written", std::string_view(name)));
        labels.emplace(name, std::move(*label));
    }
    return labels;
}

Result<> LabelBook::load() {
    if (files_ == nullptr) return {};
    auto text = read_whole(*files_, path_, kLabelFileBytesMax);
    if (!text && text.error().kind == ErrorKind::not_found) return {};
    if (!text) return failure(std::move(text));
    auto labels = labels_from_json(*text);
    const std::lock_guard lock(changing_);
    is_damaged_ = !labels;
    if (!labels) return failure(ErrorKind::corrupt, fmt::format("{}: {}", path_, labels.error().message));
    take(std::move(*labels));
    return {};
}

std::shared_ptr<const Labels> LabelBook::current() const {
    const std::lock_guard lock(mutex_);
    return labels_;
}

void LabelBook::take(Labels labels) {
    auto made = std::make_shared<const Labels>(std::move(labels));
    const std::lock_guard lock(mutex_);
    labels_ = std::move(made);
    ++version_;
}

Result<> LabelBook::set(const std::string& sensor, SensorLabel label) {
    std::erase_if(label.fields, [](const auto& field) { return field.second == FieldLabel{}; });
    if (auto r = check_text("the sensor", sensor, kNameCharactersMax); !r) return r;
    if (auto r = check_label(label); !r) return r;
    const std::lock_guard lock(changing_);
    Labels changed = *current();
    if (label == SensorLabel{}) {
        changed.erase(sensor);
    } else {
        changed.insert_or_assign(sensor, std::move(label));
    }
    std::string text = to_json(changed);
    if (changed.size() > kLabelledSensorsMax || text.size() > kLabelFileBytesMax)
        return failure(ErrorKind::full, "there are too many sensors with names of their own");
    if (files_ != nullptr) {
        if (is_damaged_) (void)files_->rename(path_, path_ + ".damaged");  // what can be mended by hand
        is_damaged_ = false;
        if (auto r = write_whole(*files_, path_, text); !r) return r;
    }
    take(std::move(changed));
    return {};
}

}  // namespace pomiar::web
