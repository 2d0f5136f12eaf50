#include "base/log_line.hpp"

#include <cctype>
#include <string>

#include <gtest/gtest.h>

namespace pomiar::log {
namespace {

constexpr Nanoseconds kNoon = 1'795'456'800 * kSecond;  // 2026-11-23T18:00:00Z

TEST(LogLine, HasTimeLevelAndMessage) {
    EXPECT_EQ(line_of(Level::warning, "no backup", kNoon + 45 * kMillisecond),
              "2026-11-23T18:00:00.045Z warning no backup\n");
    EXPECT_EQ(line_of(Level::debug, "", kNoon), "2026-11-23T18:00:00.000Z debug \n");
    EXPECT_EQ(line_of(Level::error, "x", kNoon + kSecond - 1), "2026-11-23T18:00:00.999Z error x\n");
}

struct Case {
    const char* what;
    std::string text;
    std::string clean;
};

class CleanText : public testing::TestWithParam<Case> {};

TEST_P(CleanText, IsOneLineAndSpeaksToNoTerminal) {
    std::string out = "before ";
    append_clean(out, GetParam().text);
    EXPECT_EQ(out, "before " + GetParam().clean);
}

INSTANTIATE_TEST_SUITE_P(
    All, CleanText,
    testing::Values(Case{"plain", "GET /a?b=\"c\" \\n ~", "GET /a?b=\"c\" \\n ~"},
                    Case{"forged line", "/x\n2026-11-23T18:00:00.000Z error forged",
                         "/x\\n2026-11-23T18:00:00.000Z error forged"},
                    Case{"carriage return", "a\rb", "a\\x0db"}, Case{"tab", "a\tb", "a\\tb"},
                    Case{"colour", "\x1b[31mred", "\\x1b[31mred"}, Case{"zero", std::string("a\0b", 3), "a\\x00b"},
                    Case{"delete", "a\x7f", "a\\x7f"}, Case{"title of a window", "\xc2\x9d", "\\xc2\\x9d"},
                    Case{"last control character", "\xc2\x9f\xc2\xa0", "\\xc2\\x9f\xc2\xa0"},
                    Case{"UTF-8", "kuchnia: 21 °C, łazienka 🌡", "kuchnia: 21 °C, łazienka 🌡"},
                    Case{"line separator", "a\u2028b\u2029", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9"},
                    Case{"half a character", "a\xc5", "a\\xc5"}, Case{"no character", "\xff\xfe", "\\xff\\xfe"},
                    Case{"overlong newline", "\xc0\x8a", "\\xc0\\x8a"},
                    Case{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"}),
    [](const auto& tested) {
        std::string name = tested.param.what;
        for (char& c : name)
            if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
        return name;
    });

TEST(CleanText, HasALimit) {
    std::string fits;
    append_clean(fits, std::string(kLineBytesMax, 'x'));
    EXPECT_EQ(fits, std::string(kLineBytesMax, 'x'));

    std::string cut;
    append_clean(cut, std::string(kLineBytesMax + 1, 'x'));
    EXPECT_EQ(cut, std::string(kLineBytesMax, 'x') + "... (2049 bytes)");

    std::string escaped;
    append_clean(escaped, std::string(10'000, '\0'));
    EXPECT_LE(escaped.size(), kLineBytesMax + 20);
    EXPECT_TRUE(escaped.ends_with("\\x00... (10000 bytes)"));
}

TEST(CleanText, IsNotCutWithinACharacter) {
    std::string out;
    append_clean(out, std::string(kLineBytesMax - 1, 'x') + "ł");
    EXPECT_EQ(out, std::string(kLineBytesMax - 1, 'x') + "... (2049 bytes)");
}

}  // namespace
}  // namespace pomiar::log
