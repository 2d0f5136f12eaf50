// The languages of the pages: texts by what they are in English, plurals, numbers. English is built in; each further
// one is a file, frontend/languages/CODE.po, that the build puts into the program.
// Owns:   nothing; what is given lasts as long as the program.
// Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace pomiar::web {

struct Translation {
    std::string_view id;                      // the English text
    std::span<const std::string_view> texts;  // one, or one for each plural form
};

class Language {
  public:
    using PluralForm = unsigned (*)(std::uint64_t count);

    // `translations` sorted by id.
    constexpr Language(std::string_view code, std::string_view name, char decimal, PluralForm which,
                       std::span<const Translation> translations)
        : code_(code), name_(name), decimal_(decimal), form_(which), translations_(translations) {}

    std::string_view code() const { return code_; }  // "pl", RFC 5646
    std::string_view name() const { return name_; }  // "Polski", in the language itself
    char decimal() const { return decimal_; }        // between a number's whole part and the rest

    // `id` itself when nothing is known for it.
    std::string_view text(std::string_view id) const;
    // The form for that many.
    std::string_view form(std::string_view one, std::string_view many, std::int64_t count) const;
    // The same with "%(num)s" replaced.
    std::string plural(std::string_view one, std::string_view many, std::int64_t count) const;
    // text() with "%(count)s" replaced.
    std::string counted(std::string_view id, std::int64_t count) const;
    // "21.4" with this language's mark.
    std::string number(std::string text) const;

  private:
    const Translation* find(std::string_view id) const;

    std::string_view code_;
    std::string_view name_;
    char decimal_;
    PluralForm form_;
    std::span<const Translation> translations_;
};

// Marks a text for the catalogs that is looked up later.
constexpr std::string_view N_(std::string_view text) {
    return text;
}

const Language& english();
std::span<const Language> embedded_languages();  // all but English, by code

inline constexpr std::string_view kLanguageCookie = "language";

// What the reader chose (a cookie), else what the browser asks for first of what there is (Accept-Language, RFC 9110
// section 12.5.4), else English.
const Language& language_of(const http::Request& request, std::span<const Language> others);
// English where there is none by that code.
const Language& language_by_code(std::string_view code, std::span<const Language> others);

}  // namespace pomiar::web
