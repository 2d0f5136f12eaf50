#include "web/access/browser_name.hpp"

#include <gtest/gtest.h>

namespace pomiar::access {
namespace {

TEST(BrowserName, IsWhatPeopleCallIt) {
    const struct {
        std::string_view sent;
        std::string_view name;
    } rows[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"},
        {"Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0", "Firefox · Android"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36 Edg/126.0.0.0",
         "Edge · Windows"},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
         "Safari/537.36",
         "Chrome · Android"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
         "Mobile/15E148 Safari/604.1",
         "Safari · iPhone"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
         "Safari/605.1.15",
         "Safari · macOS"},
        {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
         "Safari/537.36",
         "Chrome · ChromeOS"},
        {"curl/8.5.0", "curl"},
        {"Home-Assistant", "Home-Assistant"},
        {"", ""},
        {"<script>alert(1)</script>", ""},
    };
    for (const auto& row : rows) EXPECT_EQ(browser_name(row.sent), row.name) << row.sent;
}

TEST(BrowserName, IsShortWhateverIsSent) {
    EXPECT_EQ(browser_name(std::string(10'000, 'x')).size(), kBrowserNameBytesMax);
    EXPECT_LE(browser_name("SamsungBrowser/ CrOS" + std::string(10'000, '<')).size(), kBrowserNameBytesMax);
    EXPECT_EQ(browser_name("\xff\r\n\t\""), "");
}

}  // namespace
}  // namespace pomiar::access
