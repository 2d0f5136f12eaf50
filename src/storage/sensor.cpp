#include "storage/sensor.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::storage {
namespace {

constexpr std::string_view kMeasurementEscaped = ", ";
constexpr std::string_view kTagEscaped = ",= ";

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// `what` names the part for the message: "the measurement", "the key of a tag".
Result<> check_name(std::string_view name, std::string_view what) {
    if (name.empty()) return failure(ErrorKind::invalid, fmt::format("{} is empty", what));
    if (name.back() == '\\')
        return failure(ErrorKind::invalid, fmt::format("{} \"{}\" ends in a backslash", what, name));
    const auto control = std::find_if(name.begin(), name.end(), is_control);
    if (control != name.end()) {
        return failure(ErrorKind::invalid,
                       fmt::format("{} holds the control character 0x{:02x} at byte {}", what,
                                   static_cast<unsigned char>(*control), control - name.begin() + 1));
    }
    if (!is_utf8(name)) return failure(ErrorKind::invalid, fmt::format("{} is not UTF-8", what));
    return {};
}

void append_escaped(std::string& out, std::string_view name, std::string_view escaped) {
    for (const char c : name) {
        if (escaped.contains(c)) out += '\\';
        out += c;
    }
}

Result<> check(const Sensor& sensor) {
    if (auto checked = check_name(sensor.measurement, "the measurement"); !checked) return checked;
    if (sensor.measurement.front() == '#')
        return failure(ErrorKind::invalid, "the measurement starts with \"#\", which marks a comment");
    if (sensor.tags.size() > kTagsMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("a sensor has {} tags, {} are allowed", sensor.tags.size(), kTagsMax));
    }
    for (const auto& [key, value] : sensor.tags) {
        if (auto checked = check_name(key, "the key of a tag"); !checked) return checked;
        if (auto checked = check_name(value, fmt::format("the value of tag \"{}\"", key)); !checked) return checked;
    }
    return {};
}

// Reads the parts of a canonical text one after the other.
class NameReader {
  public:
    explicit NameReader(std::string_view text) : text_(text) {}

    // Up to the next unescaped byte of `escaped`, unescaped.
    std::string take_name(std::string_view escaped) {
        std::string name;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size() && escaped.contains(text_[at_ + 1])) {
                ++at_;
            } else if (escaped.contains(text_[at_])) {
                break;
            }
            name += text_[at_];
        }
        return name;
    }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool at_end() const { return at_ == text_.size(); }
    std::unexpected<Error> expected(std::string_view what) const {
        return failure(ErrorKind::invalid, fmt::format("sensor \"{}\": expected {} at byte {}", text_, what, at_ + 1));
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::string> canonical(Sensor sensor) {
    if (auto checked = check(sensor); !checked) return failure(std::move(checked));
    std::sort(sensor.tags.begin(), sensor.tags.end());
    const auto twice = std::adjacent_find(sensor.tags.begin(), sensor.tags.end(),
                                          [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice != sensor.tags.end())
        return failure(ErrorKind::invalid, fmt::format("tag \"{}\" is there twice", twice->first));

    std::string text;
    append_escaped(text, sensor.measurement, kMeasurementEscaped);
    for (const auto& [key, value] : sensor.tags) {
        text += ',';
        append_escaped(text, key, kTagEscaped);
        text += '=';
        append_escaped(text, value, kTagEscaped);
    }
    if (text.size() > kSensorBytesMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("the name of a sensor has {} bytes, {} are allowed", text.size(), kSensorBytesMax));
    }
    return text;
}

Result<Sensor> parse_sensor(std::string_view text) {
    if (text.size() > kSensorBytesMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("the name of a sensor has {} bytes, {} are allowed", text.size(), kSensorBytesMax));
    }
    NameReader reader(text);
    Sensor sensor;
    sensor.measurement = reader.take_name(kMeasurementEscaped);
    while (reader.take(',')) {
        std::string key = reader.take_name(kTagEscaped);
        if (key.empty()) return reader.expected("the key of a tag");
        if (!reader.take('=')) return reader.expected("\"=\" after the key of a tag");
        std::string value = reader.take_name(kTagEscaped);
        if (value.empty()) return reader.expected("the value of a tag");
        sensor.tags.emplace_back(std::move(key), std::move(value));
    }
    if (!reader.at_end()) return reader.expected("\",\" or the end; a space in a name is written \"\\ \"");
    if (auto checked = check(sensor); !checked) return failure(std::move(checked));
    std::sort(sensor.tags.begin(), sensor.tags.end());
    for (std::size_t i = 1; i < sensor.tags.size(); ++i) {
        if (sensor.tags[i - 1].first == sensor.tags[i].first)
            return failure(ErrorKind::invalid, fmt::format("tag \"{}\" is there twice", sensor.tags[i].first));
    }
    return sensor;
}

Result<> check_field(std::string_view field) {
    if (field.size() > kFieldBytesMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("the name of a field has {} bytes, {} are allowed", field.size(), kFieldBytesMax));
    }
    return check_name(field, "the name of a field");
}

}  // namespace pomiar::storage
