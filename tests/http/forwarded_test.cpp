// Who is believed to be the client, whatever proxies and those in front of them write.
#include "http/forwarded.hpp"

#include <gtest/gtest.h>

namespace pomiar::http::test {
namespace {

constexpr const char* kProxy = "127.0.0.1";

std::vector<Network> trusted() {
    std::vector<Network> networks;
    for (const char* text : {kProxy, "10.0.0.0/8", "fd00::/8", "unix"}) networks.push_back(*parse_network(text));
    return networks;
}

using Fields = std::vector<std::pair<const char*, std::string>>;

Request asked(const char* peer, const Fields& fields, bool secure = false) {
    Request request;
    request.peer = peer;
    request.secure = secure;
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    take_forwarded(request, trusted());
    return request;
}

std::string client(const Fields& fields) {
    return asked(kProxy, fields).peer;
}

std::string forwarded_for(const std::string& value) {
    return client({{"X-Forwarded-For", value}});
}

TEST(Forwarded, NamesTheClientOfATrustedProxy) {
    for (const char* proxy : {kProxy, "10.1.2.3", "fd00::1", "unix"})
        EXPECT_EQ(asked(proxy, {{"X-Forwarded-For", "203.0.113.9"}}).peer, "203.0.113.9") << proxy;
}

TEST(Forwarded, SaysNothingWhereThePeerIsNotTrusted) {
    for (const char* peer : {"127.0.0.2", "203.0.113.1", "fe80::1", "::1"}) {
        const Request request =
            asked(peer, {{"X-Forwarded-For", "192.0.2.1"}, {"X-Real-IP", "192.0.2.2"}, {"X-Forwarded-Proto", "https"}});
        EXPECT_EQ(request.peer, peer);
        EXPECT_FALSE(request.secure);
    }
    Request request;
    request.peer = kProxy;
    request.headers.add("X-Forwarded-For", "192.0.2.1");
    take_forwarded(request, {});
    EXPECT_EQ(request.peer, kProxy);
}

TEST(Forwarded, IsReadFromItsEnd) {
    EXPECT_EQ(forwarded_for("192.0.2.1, 203.0.113.9"), "203.0.113.9") << "the first is the client's own claim";
    EXPECT_EQ(forwarded_for("192.0.2.1, 203.0.113.9, 10.0.0.1, 10.0.0.2"), "203.0.113.9");
    EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1"}, {"x-forwarded-for", "203.0.113.9, 10.0.0.1"}}), "203.0.113.9");
    EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "10.0.0.1"}}), "203.0.113.9");
    EXPECT_EQ(forwarded_for("127.0.0.1, 203.0.113.9"), "203.0.113.9") << "a claim to be the proxy";
}

TEST(Forwarded, TakesWhatIsWrittenInItsManyForms) {
    EXPECT_EQ(forwarded_for("  203.0.113.9  "), "203.0.113.9");
    EXPECT_EQ(forwarded_for("203.0.113.9:4711"), "203.0.113.9");
    EXPECT_EQ(forwarded_for("2001:DB8::9"), "2001:db8::9");
    EXPECT_EQ(forwarded_for("[2001:db8::9]"), "2001:db8::9");
    EXPECT_EQ(forwarded_for("[2001:db8::9]:4711"), "2001:db8::9");
    EXPECT_EQ(forwarded_for("::ffff:203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(forwarded_for("203.0.113.9,10.0.0.1"), "203.0.113.9");
    EXPECT_EQ(forwarded_for("203.0.113.9, ::ffff:10.0.0.1"), "203.0.113.9") << "a trusted one in IPv6's clothes";
}

TEST(Forwarded, EndsAtWhatIsNoAddress) {
    for (const char* text : {"unknown", "_hidden", "", " ", ",", "unix", "localhost", "203.0.113.999",
                             "203.0.113.9 10.0.0.1", "[2001:db8::9", "[2001:db8::9]x", "\"203.0.113.9\"",
                             "for=203.0.113.9", "203.0.113.9;", "fe80::1%eth0", "1.2.3.4/8", "\x80\xff"}) {
        EXPECT_EQ(forwarded_for(text), kProxy) << text;
        EXPECT_EQ(forwarded_for("192.0.2.1, " + std::string(text)), kProxy) << text;
        EXPECT_EQ(forwarded_for(std::string(text) + ", 203.0.113.9"), "203.0.113.9") << text;
        EXPECT_EQ(client({{"X-Forwarded-For", text}, {"X-Real-IP", "203.0.113.9"}}), "203.0.113.9") << text;
        EXPECT_EQ(client({{"X-Real-IP", text}}), kProxy) << text;
    }
}

TEST(Forwarded, FallsBackToTheRealAddress) {
    EXPECT_EQ(client({{"X-Real-IP", "203.0.113.9"}}), "203.0.113.9");
    EXPECT_EQ(client({{"X-Real-IP", "192.0.2.1"}, {"X-Forwarded-For", "203.0.113.9"}}), "203.0.113.9");
    EXPECT_EQ(client({{"X-Real-IP", "203.0.113.9"}, {"X-Forwarded-For", "10.0.0.1"}}), "203.0.113.9");
    EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}), "10.0.0.1") << "a client in a trusted network";
    EXPECT_EQ(client({}), kProxy);
}

TEST(Forwarded, TellsTheScheme) {
    const auto scheme = [](const std::string& value, bool secure) {
        return asked(kProxy, {{"X-Forwarded-Proto", value}}, secure).secure;
    };
    EXPECT_TRUE(scheme("https", false));
    EXPECT_TRUE(scheme("HTTPS", false));
    EXPECT_FALSE(scheme("http", true));
    EXPECT_FALSE(scheme("https, http", true)) << "the last is the trusted one's";
    for (const char* other : {"", "wss", "https;", "on", "httpss", "https http"}) {
        EXPECT_FALSE(scheme(other, false)) << other;
        EXPECT_TRUE(scheme(other, true)) << other;
    }
}

TEST(Forwarded, LeavesHostAlone) {
    const Request request = asked(kProxy, {{"Host", "pomiar.local"}, {"X-Forwarded-Host", "evil.example"}});
    EXPECT_EQ(request.headers.get("Host"), "pomiar.local");
}

TEST(Forwarded, OfAHugeListIsItsEndAllTheSame) {
    std::string spoofed;
    for (int i = 0; i < 2'000; ++i) spoofed += "192.0.2.1, ";
    EXPECT_EQ(forwarded_for(spoofed + "203.0.113.9"), "203.0.113.9");
    std::string proxies = "203.0.113.9";
    for (int i = 0; i < 2'000; ++i) proxies += ", 10.0.0.1";
    EXPECT_EQ(forwarded_for(proxies), "203.0.113.9");
    EXPECT_EQ(forwarded_for(std::string(16'000, ',')), kProxy);
}

}  // namespace
}  // namespace pomiar::http::test
