#include "web/words/language.hpp"

#include <array>

#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

unsigned polish_form(std::uint64_t n) {
    return n == 1 ? 0 : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}
constexpr std::array<std::string_view, 1> kNowInPolish{"teraz"};
constexpr std::array<std::string_view, 1> kAgo{"%(count)s s temu"};
constexpr std::array<std::string_view, 3> kSensors{"%(num)s czujnik", "%(num)s czujniki", "%(num)s czujników"};
constexpr std::array<Translation, 3> kTranslations{
    {{"%(count)s s ago", kAgo}, {"%(num)s sensor", kSensors}, {"now", kNowInPolish}}};
constexpr Language kPolish{"pl", "Polski", ',', polish_form, kTranslations};
constexpr std::array<Language, 1> kOthers{kPolish};

std::string_view chosen(std::string_view accepted, std::string_view cookie = "") {
    http::Request request;
    if (!accepted.empty()) request.headers.add("Accept-Language", accepted);
    if (!cookie.empty()) request.headers.add("Cookie", cookie);
    return language_of(request, kOthers).code();
}

TEST(Language, KnowsTextsByWhatTheyAreInEnglish) {
    EXPECT_EQ(kPolish.text("now"), "teraz");
    EXPECT_EQ(kPolish.text("not translated"), "not translated");
    EXPECT_EQ(english().text("now"), "now");
    EXPECT_EQ(kPolish.counted("%(count)s s ago", 42), "42 s temu");
}

TEST(Language, HasTheFormForEachCount) {
    const auto sensors = [](const Language& language, long count) {
        return language.plural("%(num)s sensor", "%(num)s sensors", count);
    };
    EXPECT_EQ(sensors(english(), 1), "1 sensor");
    EXPECT_EQ(sensors(english(), 0), "0 sensors");
    EXPECT_EQ(sensors(kPolish, 1), "1 czujnik");
    EXPECT_EQ(sensors(kPolish, 2), "2 czujniki");
    EXPECT_EQ(sensors(kPolish, 12), "12 czujników");
    EXPECT_EQ(sensors(kPolish, 22), "22 czujniki");
    EXPECT_EQ(kPolish.plural("one", "many", 3), "many") << "not translated";
}

TEST(Language, WritesNumbersWithItsMark) {
    EXPECT_EQ(kPolish.number("21.4"), "21,4");
    EXPECT_EQ(english().number("21.4"), "21.4");
}

TEST(Language, IsWhatTheBrowserAsksForFirst) {
    EXPECT_EQ(chosen(""), "en");
    EXPECT_EQ(chosen("pl"), "pl");
    EXPECT_EQ(chosen("pl-PL,pl;q=0.9,en;q=0.8"), "pl");
    EXPECT_EQ(chosen("en-GB, pl;q=0.9"), "en");
    EXPECT_EQ(chosen("de, fr;q=0.9, pl;q=0.1"), "pl");
    EXPECT_EQ(chosen("pl;q=0, en;q=0.5"), "en");
    EXPECT_EQ(chosen("pl;q=rubbish"), "en");
    EXPECT_EQ(chosen("*"), "en");
}

TEST(Language, IsWhatTheReaderChose) {
    EXPECT_EQ(chosen("en", "language=pl"), "pl");
    EXPECT_EQ(chosen("pl", "language=en"), "en");
    EXPECT_EQ(chosen("pl", "language=xx"), "pl") << "there is no such language";
}

}  // namespace
}  // namespace pomiar::web
