#include "http/request.hpp"

#include "base/text.hpp"

namespace pomiar::http {
namespace {

std::string decode_or_literal(std::string_view text) {
    return percent_decode(text, true).value_or(std::string(text));
}

// Calls `visit(name, value)`, both still encoded, until it gives false.
template <class Visit>
void each_pair(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        if (!visit(pair.substr(0, equals), value)) return;
    }
}

}  // namespace

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::delete_:
            return "DELETE";
        case Method::patch:
            return "PATCH";
        case Method::options:
            return "OPTIONS";
        case Method::other:
            break;
    }
    return "OTHER";
}

std::string_view Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

std::optional<std::string> Request::query(std::string_view name) const {
    std::optional<std::string> found;
    each_pair(query_text, [&](std::string_view key, std::string_view value) {
        if (key != name && decode_or_literal(key) != name) return true;
        found = decode_or_literal(value);
        return false;
    });
    return found;
}

Pairs Request::query_pairs() const {
    Pairs pairs;
    each_pair(query_text, [&](std::string_view key, std::string_view value) {
        pairs.emplace_back(decode_or_literal(key), decode_or_literal(value));
        return true;
    });
    return pairs;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const HeaderView field = headers[i];
        if (!equal_ignoring_case(field.name, "Cookie")) continue;
        for (const std::string_view item : split(field.value, ';')) {
            const std::size_t equals = item.find('=');
            if (equals != std::string_view::npos && trim(item.substr(0, equals)) == name)
                return trim(item.substr(equals + 1));
        }
    }
    return std::nullopt;
}

std::string_view Request::content_type() const {
    const std::string_view value = headers.get("Content-Type");
    return trim(value.substr(0, value.find(';')));
}

bool Request::has_current(std::string_view etag) const {
    const auto opaque = [](std::string_view tag) {
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        return tag;
    };
    for (const std::string_view item : split(headers.get("If-None-Match"), ',')) {
        const std::string_view known = trim(item);
        if (known == "*" || (!known.empty() && opaque(known) == opaque(etag))) return true;
    }
    return false;
}

}  // namespace pomiar::http
