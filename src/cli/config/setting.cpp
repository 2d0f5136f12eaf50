// Values of settings: from text, and back.
#include "cli/config/setting.hpp"

#include <array>
#include <limits>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "cli/config/address.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kListMax = 16;
constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warning", "error", "off"};

template <class T>
Result<> keep(T value, T* member) {
    *member = std::move(value);
    return {};
}

// A value that must lie within the row's bounds, which are read by the same function.
template <class T, class Parse>
Result<T> within(const Setting& setting, std::string_view text, Parse parse) {
    Result<T> value = parse(text);
    if (!value) return value;
    const bool low = !setting.minimum.empty() && *value < *parse(setting.minimum);
    const bool high = !setting.maximum.empty() && *value > *parse(setting.maximum);
    if (low || high) {
        return failure(ErrorKind::invalid,
                       fmt::format("{} is out of bounds, expected {} to {}", text, setting.minimum, setting.maximum));
    }
    return value;
}

Result<std::uint32_t> parse_count(std::string_view text) {
    const auto value = parse_uint64(text);
    if (!value || *value > std::numeric_limits<std::uint32_t>::max())
        return failure(ErrorKind::invalid, fmt::format("\"{}\" is not a whole number such as 256", text));
    return static_cast<std::uint32_t>(*value);
}

Result<storage::SyncPolicy> parse_sync(const Setting& setting, std::string_view text) {
    using Mode = storage::SyncPolicy::Mode;
    if (text == "always") return storage::SyncPolicy{.mode = Mode::always};
    if (text == "never") return storage::SyncPolicy{.mode = Mode::never};
    const auto length = parse_duration(text);
    if (text == "forever" || (!length && length.error().kind == ErrorKind::invalid))
        return failure(ErrorKind::invalid, fmt::format("\"{}\" is not always, never or a period such as 10s", text));
    auto period = within<Nanoseconds>(setting, text, parse_duration);
    if (!period) return failure(std::move(period));
    return storage::SyncPolicy{.mode = Mode::period, .period = *period};
}

// Comma-separated; `parse` reads one of them.
template <class T, class Parse>
Result<std::vector<T>> parse_list(std::string_view text, Parse parse) {
    std::vector<T> list;
    if (trim(text).empty()) return list;
    for (std::string_view part : split(text, ',')) {
        if (list.size() == kListMax)
            return failure(ErrorKind::too_large, fmt::format("more than {} addresses", kListMax));
        Result<T> one = parse(trim(part));
        if (!one) return failure(std::move(one));
        list.push_back(std::move(*one));
    }
    return list;
}

Result<std::string> parse_address(std::string_view text) {
    if (auto r = check_address(text); !r) return failure(std::move(r));
    return std::string(text);
}

struct Assign {
    const Setting& setting;
    std::string_view text;

    Result<> operator()(bool* member) const {
        if (text != "true" && text != "false")
            return failure(ErrorKind::invalid, fmt::format("\"{}\" is not true or false", text));
        return keep(text == "true", member);
    }
    Result<> operator()(std::uint32_t* member) const { return take(member, parse_count); }
    Result<> operator()(std::uint64_t* member) const { return take(member, parse_size); }
    Result<> operator()(Nanoseconds* member) const { return take(member, parse_duration); }
    Result<> operator()(std::string* member) const {
        if (text.find('\0') != std::string_view::npos)
            return failure(ErrorKind::invalid, "a path cannot hold a zero byte");
        return keep(std::string(text), member);
    }
    Result<> operator()(std::vector<std::string>* member) const { return take_list(member, parse_address); }
    Result<> operator()(std::vector<http::Network>* member) const { return take_list(member, http::parse_network); }
    Result<> operator()(storage::SyncPolicy* member) const {
        auto policy = parse_sync(setting, text);
        if (!policy) return failure(std::move(policy));
        return keep(*policy, member);
    }
    Result<> operator()(log::Level* member) const {
        for (std::size_t i = 0; i < kLevels.size(); ++i)
            if (kLevels[i] == text) return keep(static_cast<log::Level>(i), member);
        return failure(ErrorKind::invalid, fmt::format("\"{}\" is not one of {}", text, fmt::join(kLevels, ", ")));
    }
    Result<> operator()(upkeep::TimeOfDay* member) const {
        const auto time = upkeep::parse_time_of_day(text);
        if (!time) return failure(ErrorKind::invalid, fmt::format("\"{}\" is not a time of day such as 03:00", text));
        return keep(*time, member);
    }

  private:
    template <class T, class Parse>
    Result<> take_list(std::vector<T>* member, Parse parse) const {
        auto list = parse_list<T>(text, parse);
        if (!list) return failure(std::move(list));
        return keep(std::move(*list), member);
    }
    template <class T, class Parse>
    Result<> take(T* member, Parse parse) const {
        auto value = within<T>(setting, text, parse);
        if (!value) return failure(std::move(value));
        return keep(*value, member);
    }
};

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            out += c;
        }
    }
    return out += '"';
}

struct ValueText {
    std::string operator()(const bool* member) const { return *member ? "true" : "false"; }
    std::string operator()(const std::uint32_t* member) const { return fmt::format("{}", *member); }
    std::string operator()(const std::uint64_t* member) const { return quoted(format_size(*member)); }
    std::string operator()(const Nanoseconds* member) const { return quoted(format_duration(*member)); }
    std::string operator()(const std::string* member) const { return quoted(*member); }
    std::string operator()(const std::vector<std::string>* member) const {
        std::vector<std::string> parts;
        for (const auto& part : *member) parts.push_back(quoted(part));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    std::string operator()(const std::vector<http::Network>* member) const {
        std::vector<std::string> parts;
        for (const auto& part : *member) parts.push_back(quoted(to_text(part)));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    std::string operator()(const storage::SyncPolicy* member) const {
        if (member->mode == storage::SyncPolicy::Mode::always) return "\"always\"";
        if (member->mode == storage::SyncPolicy::Mode::never) return "\"never\"";
        return quoted(format_duration(member->period));
    }
    std::string operator()(const upkeep::TimeOfDay* member) const { return quoted(format_time_of_day(*member)); }
    std::string operator()(const log::Level* member) const {
        return quoted(kLevels[static_cast<std::size_t>(*member)]);
    }
};

struct KindName {
    std::string_view operator()(const bool*) const { return "true or false"; }
    std::string_view operator()(const std::uint32_t*) const { return "a whole number"; }
    std::string_view operator()(const std::uint64_t*) const { return "a size such as \"2MiB\""; }
    std::string_view operator()(const Nanoseconds*) const { return "a length of time such as \"15s\""; }
    std::string_view operator()(const std::string*) const { return "a path in quotes"; }
    std::string_view operator()(const std::vector<std::string>*) const {
        return "a list of addresses such as [\"0.0.0.0:8443\"]";
    }
    std::string_view operator()(const std::vector<http::Network>*) const {
        return "a list of addresses and networks such as [\"127.0.0.1\", \"10.0.0.0/8\", \"unix\"]";
    }
    std::string_view operator()(const storage::SyncPolicy*) const {
        return "\"always\", \"never\" or a period such as \"10s\"";
    }
    std::string_view operator()(const upkeep::TimeOfDay*) const { return "a time of day such as \"03:00\""; }
    std::string_view operator()(const log::Level*) const {
        return "\"debug\", \"info\", \"warning\", \"error\" or \"off\"";
    }
};

}  // namespace

std::string_view kind_of(const Setting& setting) {
    Configuration nowhere;
    return std::visit(KindName{}, setting.member(nowhere));
}

Result<> assign(const Setting& setting, Configuration& configuration, std::string_view text) {
    return std::visit(Assign{setting, text}, setting.member(configuration));
}

std::string value_text(const Setting& setting, const Configuration& configuration) {
    Configuration copy = configuration;  // the table's accessors are for writing
    return std::visit(ValueText{}, setting.member(copy));
}

std::string documentation_row(const Setting& setting) {
    Configuration initial;
    const Result<> good = assign(setting, initial, setting.initial);
    require(good.has_value(), "a setting's default must be a good value");
    const std::string bounds = setting.minimum.empty() ? "" : fmt::format("{} to {}", setting.minimum, setting.maximum);
    return fmt::format("| `{}` | `{}` | {} | {} |", setting.key, value_text(setting, initial), bounds, setting.help);
}

}  // namespace pomiar::cli
