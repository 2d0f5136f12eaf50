#include "http/http2_fields.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace pomiar::http {
namespace {

constexpr std::size_t kNumberBytesMax = 24;

// nghttp2 takes pointers that are not const, and only reads.
std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Http2Fields::Http2Fields(const Response& response, std::optional<std::uint64_t> content_length, std::string_view date) {
    std::size_t names = 2 * kNumberBytesMax;
    for (std::size_t i = 0; i < response.headers.size(); ++i) names += response.headers[i].name.size();
    text_.reserve(names);
    fields_.reserve(response.headers.size() + 3);
    const auto number = [this](std::uint64_t value) {
        const std::size_t start = text_.size();
        const fmt::format_int digits(value);
        text_.append(digits.data(), digits.size());
        return std::string_view(text_).substr(start);
    };
    add(":status", number(static_cast<std::uint64_t>(response.status)));
    for (std::size_t i = 0; i < response.headers.size(); ++i) {
        const HeaderView field = response.headers[i];
        const std::size_t start = text_.size();
        std::ranges::transform(field.name, std::back_inserter(text_), lower);
        add(std::string_view(text_).substr(start), field.value);
    }
    add("date", date);
    if (content_length) add("content-length", number(*content_length));
}

void Http2Fields::add(std::string_view name, std::string_view value) {
    fields_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
}

}  // namespace pomiar::http
