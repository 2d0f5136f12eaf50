#include "web/words/language.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

constexpr std::size_t kRangesMax = 32;  // of Accept-Language that are looked at

unsigned germanic(std::uint64_t count) {
    return count == 1 ? 0 : 1;
}

constexpr Language kEnglish{"en", "English", '.', germanic, {}};

// "pl-PL" is served by "pl" (RFC 4647 section 3.4).
const Language* lookup(std::string_view range, std::span<const Language> others) {
    const std::string_view primary = range.substr(0, range.find('-'));
    if (equal_ignoring_case(primary, kEnglish.code())) return &kEnglish;
    const auto found = std::ranges::find_if(
        others, [&](const Language& language) { return equal_ignoring_case(primary, language.code()); });
    return found == others.end() ? nullptr : &*found;
}

std::string filled(std::string_view text, std::string_view place, std::int64_t count) {
    std::string out(text);
    if (const std::size_t at = out.find(place); at != std::string::npos)
        out.replace(at, place.size(), std::to_string(count));
    return out;
}

double weight_of(std::string_view parameters) {
    const std::size_t at = parameters.find("q=");
    if (at == std::string_view::npos) return 1;
    return parse_double(trim(parameters.substr(at + 2))).value_or(0);
}

}  // namespace

const Translation* Language::find(std::string_view id) const {
    const auto found = std::ranges::lower_bound(translations_, id, {}, &Translation::id);
    return found == translations_.end() || found->id != id ? nullptr : &*found;
}

std::string_view Language::text(std::string_view id) const {
    const Translation* known = find(id);
    return known == nullptr ? id : known->texts.front();
}

std::string_view Language::form(std::string_view one, std::string_view many, std::int64_t count) const {
    const auto size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    const Translation* known = find(one);
    if (known == nullptr) return germanic(size) == 0 ? one : many;
    return known->texts[std::min<std::size_t>(form_(size), known->texts.size() - 1)];
}

std::string Language::plural(std::string_view one, std::string_view many, std::int64_t count) const {
    return filled(form(one, many, count), "%(num)s", count);
}

std::string Language::counted(std::string_view id, std::int64_t count) const {
    return filled(text(id), "%(count)s", count);
}

std::string Language::number(std::string text) const {
    if (decimal_ != '.') std::ranges::replace(text, '.', decimal_);
    return text;
}

const Language& english() {
    return kEnglish;
}

const Language& language_by_code(std::string_view code, std::span<const Language> others) {
    const Language* found = lookup(code, others);
    return found == nullptr ? kEnglish : *found;
}

const Language& language_of(const http::Request& request, std::span<const Language> others) {
    if (const auto chosen = request.cookie(kLanguageCookie)) {
        if (const Language* found = lookup(*chosen, others)) return *found;
    }
    const Language* best = &kEnglish;
    double best_weight = 0;
    std::size_t looked = 0;
    for (const std::string_view item : split(request.headers.get("Accept-Language"), ',')) {
        if (++looked > kRangesMax) break;
        const std::size_t end = std::min(item.find(';'), item.size());
        const Language* found = lookup(trim(item.substr(0, end)), others);
        const double weight = weight_of(item.substr(end));
        if (found == nullptr || weight <= best_weight) continue;
        best = found;
        best_weight = weight;
    }
    return *best;
}

}  // namespace pomiar::web
