#include "web/pages/label_form.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "http/form.hpp"
#include "web/words/naming.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;

std::string typed(const http::Pairs& form, const std::string& name) {
    const std::string* value = http::find(form, name);
    return value == nullptr ? std::string() : std::string(trim(*value));
}

// "": nothing.
Result<std::optional<int>> number(const http::Pairs& form, const std::string& name) {
    const std::string text = typed(form, name);
    if (text.empty()) return std::optional<int>{};
    const auto value = parse_uint64(text);
    if (!value || *value > static_cast<unsigned>(kPlaceMax))
        return failure(ErrorKind::invalid, fmt::format("`{}` is not a number from 0 to {}", text, kPlaceMax));
    return std::optional(static_cast<int>(*value));
}

std::string unless(const std::string& text, std::string_view guess) {
    return text == guess ? std::string() : text;
}

Result<FieldLabel> field_from_form(const http::Pairs& form, std::string_view name, std::size_t index,
                                   const Language& language) {
    const FieldNaming guess = name_field(name, nullptr, language);
    const auto part = [&](std::string_view which) { return fmt::format("{}-{}", which, index); };
    FieldLabel label{.title = unless(typed(form, part("title")), guess.title)};
    std::string unit = typed(form, part("unit"));
    if (unit != guess.unit) label.unit = std::move(unit);
    const auto decimals = number(form, part("decimals"));
    if (!decimals) return failure(Result<std::optional<int>>(decimals));
    if (*decimals != guessed_decimals(label.unit.value_or(guess.unit))) label.decimals = decimals->value_or(kAsNeeded);
    label.hidden = http::find(form, part("hidden")) != nullptr;
    return label;
}

}  // namespace

Value label_form(storage::Snapshot& snapshot, const std::string& sensor, const View& view) {
    const SensorLabel* label = find(view.labels, sensor);
    const SensorNaming naming = name_sensor(sensor, label, view.language);
    Value fields = Value::list();
    for (const storage::SeriesInfo& series : snapshot.fields_of(sensor)) {
        const FieldNaming field = name_field(series.field, label, view.language);
        fields.append(Value::object({{"name", series.field},
                                     {"title", field.title},
                                     {"unit", field.unit},
                                     {"decimals", field.decimals ? Value(*field.decimals) : Value()},
                                     {"hidden", field.hidden}}));
    }
    Value icons = Value::list();
    for (const std::string_view icon : icon_names()) icons.append(icon);
    return Value::object({{"title", naming.title},
                          {"group", naming.group},
                          {"icon", naming.icon},
                          {"icons", std::move(icons)},
                          {"place", label != nullptr && label->place ? Value(*label->place) : Value()},
                          {"hidden", naming.hidden},
                          {"fields", std::move(fields)}});
}

Result<SensorLabel> label_from_form(const http::Pairs& form, std::string_view sensor, const Language& language) {
    const SensorNaming guess = name_sensor(sensor, nullptr, language);
    SensorLabel label{.title = unless(typed(form, "title"), guess.title),
                      .group = unless(typed(form, "group"), guess.group),
                      .icon = unless(typed(form, "icon"), guess.icon)};
    if (!label.icon.empty() && std::ranges::find(icon_names(), label.icon) == icon_names().end())
        return failure(ErrorKind::invalid, fmt::format("there is no icon `{}`", label.icon));
    const auto place = number(form, "place");
    if (!place) return failure(Result<std::optional<int>>(place));
    label.place = *place;
    label.hidden = http::find(form, "hidden") != nullptr;
    for (std::size_t i = 0;; ++i) {
        const std::string* name = http::find(form, fmt::format("name-{}", i));
        if (name == nullptr) break;
        auto field = field_from_form(form, *name, i, language);
        if (!field) return failure(std::move(field));
        if (*field != FieldLabel{}) label.fields.insert_or_assign(*name, std::move(*field));
    }
    if (auto r = check_label(label); !r) return failure(std::move(r));
    return label;
}

}  // namespace pomiar::web
