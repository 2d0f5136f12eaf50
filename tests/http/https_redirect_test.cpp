// The door that only leads to HTTPS.
#include "http/https_redirect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live_server.hpp"

namespace pomiar::http::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string asked(std::string_view bytes, std::uint16_t port = 8443) {
    LiveServer live;
    live.router = redirect_to_https(port);
    live.start();
    return live.exchange(bytes);
}

TEST(HttpsRedirect, LeadsToTheSameHostAndPath) {
    EXPECT_THAT(asked("GET /sensors/a%2Fb?range=1h HTTP/1.1\r\nHost: pomiar.local\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 308 "),
                      HasSubstr("\r\nLocation: https://pomiar.local:8443/sensors/a%2Fb?range=1h\r\n"),
                      HasSubstr("\r\nCache-Control: no-store\r\n")));
}

TEST(HttpsRedirect, ReplacesThePort) {
    EXPECT_THAT(asked("GET / HTTP/1.1\r\nHost: pomiar.local:80\r\n\r\n"),
                HasSubstr("Location: https://pomiar.local:8443/\r\n"));
    EXPECT_THAT(asked("GET / HTTP/1.1\r\nHost: [fd00::1]:80\r\n\r\n"),
                HasSubstr("Location: https://[fd00::1]:8443/\r\n"));
    EXPECT_THAT(asked("GET / HTTP/1.1\r\nHost: h:80\r\n\r\n", 443), HasSubstr("Location: https://h/\r\n"));
}

TEST(HttpsRedirect, TakesEachMethodAndLeavesNoBodyBehind) {
    for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"}) {
        const std::string request = std::string(method) + " /write HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        const std::string answer = asked(request + request);
        EXPECT_THAT(answer, AllOf(HasSubstr("Location: https://h:8443/write\r\n"), Not(HasSubstr(" 400 ")))) << method;
        EXPECT_NE(answer.find("HTTP/1.1 308 ", 1), std::string::npos) << method << ": the second was not answered";
    }
}

TEST(HttpsRedirect, GoesNowhereElse) {
    EXPECT_THAT(asked("GET //evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n"),
                HasSubstr("Location: https://h:8443//evil.example/\r\n"));
    for (const char* host : {"h@evil.example", "h/evil", "h\\evil", "h evil", "[::1", "h:80:80", "", "h,i", "h%0d"}) {
        const std::string answer = asked("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
        EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 "), Not(HasSubstr("Location")))) << host;
    }
    for (const char* target : {"*", "evil.example:80", "ftp://evil.example/"}) {
        const std::string answer = asked("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 "), Not(HasSubstr("Location")))) << target;
    }
}

TEST(HttpsRedirect, NeedsAHost) {
    EXPECT_THAT(asked("GET / HTTP/1.0\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 400 "), Not(HasSubstr("Location"))));
    EXPECT_THAT(asked("GET / HTTP/1.0\r\nHost: h\r\n\r\n"), HasSubstr("Location: https://h:8443/\r\n"));
}

}  // namespace
}  // namespace pomiar::http::test
