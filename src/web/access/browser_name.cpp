#include "web/access/browser_name.hpp"

#include <algorithm>

namespace pomiar::access {
namespace {

struct Sign {
    std::string_view part;
    std::string_view name;
};

// Those that also claim to be another stand before it.
constexpr Sign kBrowsers[] = {
    {"Edg", "Edge"},         {"OPR/", "Opera"},       {"SamsungBrowser/", "Samsung Internet"},
    {"Vivaldi/", "Vivaldi"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
    {"CriOS/", "Chrome"},    {"Chrome/", "Chrome"},   {"Safari/", "Safari"},
};
constexpr Sign kSystems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},   {"Windows", "Windows"},
    {"CrOS", "ChromeOS"},   {"Mac OS", "macOS"},  {"Linux", "Linux"},
};

template <std::size_t n>
std::string_view first_of(const Sign (&signs)[n], std::string_view text) {
    const auto found = std::ranges::find_if(signs, [&](const Sign& sign) { return text.contains(sign.part); });
    return found == std::end(signs) ? std::string_view() : found->name;
}

// "curl" of "curl/8.5.0"
std::string_view first_product(std::string_view text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return text.substr(0, std::min(text.find_first_not_of(kPlain), kBrowserNameBytesMax));
}

}  // namespace

std::string browser_name(std::string_view user_agent) {
    const std::string_view browser = first_of(kBrowsers, user_agent);
    const std::string_view system = first_of(kSystems, user_agent);
    if (browser.empty() && system.empty()) return std::string(first_product(user_agent));
    if (browser.empty() || system.empty()) return std::string(browser.empty() ? system : browser);
    return std::string(browser) + " · " + std::string(system);
}

}  // namespace pomiar::access
