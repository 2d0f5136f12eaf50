#include "http/headers.hpp"

#include <algorithm>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "http/kept.hpp"

namespace pomiar::http {

bool is_field_value(std::string_view text) {
    // Not find_first_of(), which calls a function for each character: every field of every request comes by here.
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void Headers::add(std::string_view name, std::string_view value) {
    require(is_field_value(name) && is_field_value(value), "a header field with CR, LF or NUL");
    Field field{};
    field.name = static_cast<std::uint32_t>(text_.size());
    text_.append(name);
    field.value = static_cast<std::uint32_t>(text_.size());
    text_.append(value);
    field.end = static_cast<std::uint32_t>(text_.size());
    fields_.push_back(field);
}

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

void Headers::set_default(std::string_view name, std::string_view value) {
    if (!has(name)) add(name, value);
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) {
        return equal_ignoring_case(std::string_view(text_).substr(field.name, field.value - field.name), name);
    });
}

void Headers::clear() {
    empty_for_next(text_);
    fields_.clear();
    if (fields_.capacity() * sizeof(Field) > kKeptBytesMax) fields_.shrink_to_fit();
}

HeaderView Headers::operator[](std::size_t index) const {
    const Field& field = fields_[index];
    const std::string_view text = text_;
    return {text.substr(field.name, field.value - field.name), text.substr(field.value, field.end - field.value)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i].value - fields_[i].name != name.size()) continue;
        const HeaderView field = (*this)[i];
        if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::string_view Headers::get(std::string_view name) const {
    return find(name).value_or(std::string_view());
}

bool Headers::has(std::string_view name) const {
    return find(name).has_value();
}

bool Headers::names(std::string_view name, std::string_view token) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const HeaderView field = (*this)[i];
        if (!equal_ignoring_case(field.name, name)) continue;
        for (const std::string_view item : split(field.value, ',')) {
            if (equal_ignoring_case(trim(item.substr(0, item.find(';'))), token)) return true;
        }
    }
    return false;
}

void Headers::append_to(std::string& out) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const HeaderView field = (*this)[i];
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
}

}  // namespace pomiar::http
