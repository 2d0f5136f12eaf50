// TLS as real clients speak it, by the client of this room and by OpenSSL itself.
#include "http/tls.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "http/client.hpp"
#include "http/socket.hpp"
#include "http/tls_profile.hpp"
#include "live_server.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "upkeep/certificate.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;

class TlsTest : public testing::Test {
  protected:
    void SetUp() override {
        certify("localhost");
        auto loaded = TlsContext::load(files, tls_clock, certificate, key);
        ASSERT_TRUE(loaded) << loaded.error().message;
        tls = *loaded;
    }
    void certify(const std::string& name) {
        const auto root = upkeep::make_authority({{name}, {}}, kNow);
        ASSERT_TRUE(write_whole(files, authority, root->certificate));
        const auto made = upkeep::make_certificate({{name}, {"127.0.0.1"}}, kNow, *root);
        ASSERT_TRUE(write_whole(files, certificate, made->certificate));
        ASSERT_TRUE(write_whole(files, key, made->key));
    }
    void start(ServerOptions options = {}, const Clock* clock = nullptr) {
        live = std::make_unique<LiveServer>(options, clock, tls);
        live->router.get("/",
                         [](Request& r) -> Task<Response> { co_return Response::text(r.secure ? "secure" : "plain"); });
        live->router.post("/echo", [](Request& r) -> Task<Response> { co_return Response::text(r.body); });
        live->router.get("/large",
                         [](Request&) -> Task<Response> { co_return Response::text(std::string(5'000'000, 'x')); });
        live->start();
    }
    std::string url() const { return "https://" + live->address(); }
    Client trusting() const { return Client(url(), {.ca_file = authority}); }

    pomiar::test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    SystemClock tls_clock;
    const std::string certificate = directory.path() + "/certificate.pem";
    const std::string key = directory.path() + "/key.pem";
    const std::string authority = directory.path() + "/authority.pem";  // that clients trust
    std::shared_ptr<TlsContext> tls;
    std::unique_ptr<LiveServer> live;
};

// One TLS connection by OpenSSL, with what the test wants of it.
struct RawTls {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* tls = nullptr;
    Wire wire;

    explicit RawTls(const std::string& address) : wire(address) {}
    RawTls(const RawTls&) = delete;
    RawTls& operator=(const RawTls&) = delete;
    ~RawTls() {
        SSL_free(tls);
        SSL_CTX_free(context);
    }
    bool shake_hands(SSL_SESSION* resume = nullptr) {
        tls = SSL_new(context);
        SSL_set_fd(tls, wire.descriptor());
        if (resume != nullptr) SSL_set_session(tls, resume);
        return SSL_connect(tls) == 1;
    }
    std::string ask(std::string_view request) {
        SSL_write(tls, request.data(), static_cast<int>(request.size()));
        char answer[4096];
        const int got = SSL_read(tls, answer, sizeof answer);
        return {answer, static_cast<std::size_t>(std::max(got, 0))};
    }
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(TlsTest, AClientThatChecksTheCertificateIsServed) {
    start();
    Client client = trusting();
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.post("/echo", "text/plain", fmt::format("{}", i));
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->body, fmt::format("{}", i));
    }
    EXPECT_EQ(client.get("/")->body, "secure");
    EXPECT_EQ(client.get("/large")->body.size(), 5'000'000u);
    EXPECT_EQ(live->statistics().accepted, 1u);
}

TEST_F(TlsTest, LargeBodiesComeInWhole) {
    start();
    Client client = trusting();
    std::string body(1'900'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7919 >> 8);
    const auto answer = client.post("/echo", "application/octet-stream", body);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == body);
}

TEST_F(TlsTest, SpeaksTls12And13AndNothingOlder) {
    start();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        RawTls raw(live->address());
        SSL_CTX_set_max_proto_version(raw.context, version);
        ASSERT_TRUE(raw.shake_hands());
        EXPECT_EQ(SSL_version(raw.tls), version);
        EXPECT_THAT(raw.ask(kGet), HasSubstr("secure"));
    }
    RawTls old(live->address());
    SSL_CTX_set_security_level(old.context, 0);
    SSL_CTX_set_min_proto_version(old.context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.context, TLS1_1_VERSION);
    EXPECT_FALSE(old.shake_hands());
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.handshakes_failed == 1; }));
}

TEST_F(TlsTest, ChoosesHttp2ByAlpnAndBearsOthers) {
    start();
    RawTls both(live->address());
    SSL_CTX_set_alpn_protos(both.context, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
    ASSERT_TRUE(both.shake_hands());
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(both.tls, &chosen, &size);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "h2");
    RawTls old(live->address());
    SSL_CTX_set_alpn_protos(old.context, reinterpret_cast<const unsigned char*>("\x08http/1.1"), 9);
    ASSERT_TRUE(old.shake_hands());
    EXPECT_THAT(old.ask(kGet), HasSubstr("secure"));
    RawTls other(live->address());
    SSL_CTX_set_alpn_protos(other.context, reinterpret_cast<const unsigned char*>("\x03xyz"), 4);
    ASSERT_TRUE(other.shake_hands());
    EXPECT_THAT(other.ask(kGet), HasSubstr("secure"));
}

TEST_F(TlsTest, SessionsResumeByTicketAlsoAfterAReload) {
    start();
    RawTls first(live->address());
    ASSERT_TRUE(first.shake_hands());
    first.ask(kGet);  // the ticket comes with the first answer
    SSL_SESSION* const session = SSL_get1_session(first.tls);
    live->on_loop([&] { ASSERT_TRUE(tls->reload()); });
    RawTls second(live->address());
    ASSERT_TRUE(second.shake_hands(session));
    EXPECT_EQ(SSL_session_reused(second.tls), 1);
    EXPECT_THAT(second.ask(kGet), HasSubstr("secure"));
    SSL_SESSION_free(session);
}

// A client of TLS 1.3 uses each ticket once: every connection brings the next one.
TEST_F(TlsTest, AResumedSessionCanBeResumedByItsOwnTicket) {
    start();
    SSL_SESSION* session = nullptr;
    for (int i = 0; i < 4; ++i) {
        RawTls next(live->address());
        ASSERT_TRUE(next.shake_hands(session));
        EXPECT_EQ(SSL_session_reused(next.tls), i == 0 ? 0 : 1) << i;
        EXPECT_THAT(next.ask(kGet), HasSubstr("secure"));
        SSL_SESSION* const newer = SSL_get1_session(next.tls);
        EXPECT_NE(newer, session);
        SSL_SESSION_free(std::exchange(session, newer));
        SSL_shutdown(next.tls);
    }
    SSL_SESSION_free(session);
}

TEST_F(TlsTest, AReloadedCertificateServesNewConnectionsAndDropsNone) {
    start();
    Client before = trusting();
    ASSERT_TRUE(before.get("/"));
    certify("other");
    live->on_loop([&] { ASSERT_TRUE(tls->reload()); });
    EXPECT_EQ(before.get("/")->body, "secure");
    EXPECT_EQ(live->statistics().accepted, 1u) << "the kept connection goes on";
    EXPECT_EQ(trusting().get("/")->body, "secure") << "the file now holds the new authority";
}

TEST_F(TlsTest, FilesThatChangeAreNoticed) {
    start();
    live->on_loop([&] {
        EXPECT_EQ(tls->reload_if_changed(), false);
        certify("other");
        EXPECT_EQ(tls->reload_if_changed(), true);
        EXPECT_EQ(tls->reload_if_changed(), false);
        ASSERT_TRUE(write_whole(files, key, "no key"));
        EXPECT_EQ(tls->reload_if_changed().error().kind, ErrorKind::invalid);
        EXPECT_EQ(tls->reload_if_changed(), false) << "told once";
    });
    EXPECT_EQ(trusting().get("/")->body, "secure");
}

TEST_F(TlsTest, ATicketOutlivesTwoChangesOfKeysAndNotADayAndAHalf) {
    pomiar::test::FakeClock clock_by_hand;
    auto loaded = TlsContext::load(files, clock_by_hand, certificate, key);
    ASSERT_TRUE(loaded);
    tls = *loaded;
    start();
    RawTls first(live->address());
    ASSERT_TRUE(first.shake_hands());
    first.ask(kGet);
    SSL_SESSION* const session = SSL_get1_session(first.tls);
    const auto is_resumed = [&] {
        RawTls next(live->address());
        const bool resumed = next.shake_hands(session) && SSL_session_reused(next.tls) == 1;
        SSL_shutdown(next.tls);  // what ends without it OpenSSL does not resume
        return resumed;
    };
    EXPECT_TRUE(is_resumed());
    for (int i = 0; i < 3; ++i) {
        live->on_loop([&] { clock_by_hand.advance(kTicketKeyLife); });
        EXPECT_TRUE(is_resumed());
    }
    live->on_loop([&] { clock_by_hand.advance(kTicketKeyLife); });
    EXPECT_FALSE(is_resumed());
    SSL_SESSION_free(session);
    live->stop();  // before its clock goes
}

// As small devices do it: TLS 1.2, a session number and no ticket.
TEST_F(TlsTest, SessionsWithoutTicketsResumeToo) {
    start();
    RawTls first(live->address());
    SSL_CTX_set_max_proto_version(first.context, TLS1_2_VERSION);
    SSL_CTX_set_options(first.context, SSL_OP_NO_TICKET);
    ASSERT_TRUE(first.shake_hands());
    SSL_SESSION* const session = SSL_get1_session(first.tls);
    RawTls second(live->address());
    SSL_CTX_set_max_proto_version(second.context, TLS1_2_VERSION);
    SSL_CTX_set_options(second.context, SSL_OP_NO_TICKET);
    ASSERT_TRUE(second.shake_hands(session));
    EXPECT_EQ(SSL_session_reused(second.tls), 1);
    SSL_SESSION_free(session);
}

// RFC 6066 section 4: a device with 1 KiB of memory for a record.
TEST_F(TlsTest, RecordsAreAsSmallAsADeviceAsksFor) {
    start();
    RawTls small(live->address());
    SSL_CTX_set_tlsext_max_fragment_length(small.context, TLSEXT_max_fragment_length_1024);
    std::size_t largest = 0;
    SSL_CTX_set_msg_callback(
        small.context, [](int is_written, int, int type, const void* bytes, std::size_t, SSL*, void* into) {
            if (is_written != 0 || type != SSL3_RT_HEADER) return;
            const auto* const header = static_cast<const unsigned char*>(bytes);  // type, version, length
            auto& most = *static_cast<std::size_t*>(into);
            most = std::max(most, static_cast<std::size_t>(header[3]) << 8 | header[4]);
        });
    SSL_CTX_set_msg_callback_arg(small.context, &largest);
    ASSERT_TRUE(small.shake_hands());
    small.ask("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
        char more[4096];
        ASSERT_GT(SSL_read(small.tls, more, sizeof more), 0);
    }
    EXPECT_GT(largest, 1024u);
    EXPECT_LE(largest, 1024u + 256);  // with what encryption adds (RFC 8446 section 5.2)
}

TEST_F(TlsTest, SpeaksSuitesOfTheProfileOnly) {
    start();
    for (const char* suite :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
        RawTls raw(live->address());
        SSL_CTX_set_max_proto_version(raw.context, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(raw.context, suite);
        EXPECT_TRUE(raw.shake_hands()) << suite;
    }
    for (const char* suite : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256"}) {
        RawTls raw(live->address());
        SSL_CTX_set_max_proto_version(raw.context, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(raw.context, suite);
        EXPECT_FALSE(raw.shake_hands()) << suite;
    }
}

TEST(TlsProfile, WantsChaChaFirstWhereAesIsDoneInSoftware) {
    EXPECT_THAT(suites_for(false).tls13, testing::StartsWith("TLS_CHACHA20"));
    EXPECT_THAT(suites_for(false).tls12, testing::StartsWith("ECDHE-ECDSA-CHACHA20"));
    EXPECT_THAT(suites_for(true).tls13, testing::StartsWith("TLS_AES_128_GCM"));
    EXPECT_THAT(suites_for(true).tls12, testing::StartsWith("ECDHE-ECDSA-AES128-GCM"));
}

TEST_F(TlsTest, ABadReloadChangesNothing) {
    start();
    ASSERT_TRUE(write_whole(files, certificate, "no certificate"));
    live->on_loop([&] {
        const auto result = tls->reload();
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, HasSubstr("holds no PEM certificate"));
    });
    EXPECT_EQ(trusting().get("/")->body, "secure");
}

TEST_F(TlsTest, RefusesAKeyThatIsNotTheCertificates) {
    const auto other = upkeep::make_authority({{"localhost"}, {}}, kNow);
    ASSERT_TRUE(write_whole(files, key, other->key));
    const auto result = TlsContext::load(files, tls_clock, certificate, key);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("is not that of the certificate"));
    EXPECT_EQ(TlsContext::load(files, tls_clock, "/nowhere", key).error().kind, ErrorKind::not_found);
}

TEST_F(TlsTest, AClientThatDoesNotTrustItDoesNotTalk) {
    start();
    const auto other = upkeep::make_authority({{"localhost"}, {}}, kNow);
    const std::string wrong = directory.path() + "/wrong.pem";
    ASSERT_TRUE(write_whole(files, wrong, other->certificate));
    const auto answer = Client(url(), {.ca_file = wrong}).get("/");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::io);
    EXPECT_EQ(Client(url()).get("/")->body, "secure") << "on loopback nothing is verified";
}

TEST_F(TlsTest, PlainHttpAtATlsDoorIsClosed) {
    start();
    EXPECT_THAT(live->exchange(kGet), testing::Not(HasSubstr("secure")));
}

TEST_F(TlsTest, AHandshakeThatNeverEndsIsCut) {
    ServerOptions options;
    options.handshake_timeout = 30 * kMillisecond;
    start(options);
    Wire wire(live->address());
    wire.send("\x16\x03\x01\x02");
    EXPECT_EQ(wire.read_all(), "");
    EXPECT_TRUE(
        live->eventually([](const ServerStatistics& s) { return s.handshakes_failed == 1 && s.timeouts == 1; }));
}

TEST_F(TlsTest, ManySmallRecordsLeaveTheOthersTheirTurn) {
    std::string order;
    live = std::make_unique<LiveServer>(ServerOptions{}, nullptr, tls);
    live->router.post("/{name}", [&](Request& r) -> Task<Response> {
        order += r.parameter("name");
        co_return Response::empty();
    });
    live->start();
    RawTls many(live->address());
    RawTls one(live->address());
    ASSERT_TRUE(many.shake_hands());
    ASSERT_TRUE(one.shake_hands());
    many.ask("POST /_ HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    one.ask("POST /_ HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    auto release = live->occupy();
    constexpr std::string_view kHead = "POST /many HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n";
    SSL_write(many.tls, kHead.data(), kHead.size());
    for (int i = 0; i < 100; ++i) SSL_write(many.tls, "x", 1);
    constexpr std::string_view kOther = "POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
    SSL_write(one.tls, kOther.data(), kOther.size());
    release.set_value();
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests == 4; }));
    EXPECT_EQ(order, "__onemany");
}

// OpenSSL takes its memory from here, in this whole program.
std::atomic<bool> no_memory_for_tls = false;
void* take(std::size_t size, const char*, int) {
    return no_memory_for_tls ? nullptr : std::malloc(size);
}
void* take_again(void* memory, std::size_t size, const char*, int) {
    return no_memory_for_tls ? nullptr : std::realloc(memory, size);
}
void give_back(void* memory, const char*, int) {
    std::free(memory);
}
const bool has_own_memory = CRYPTO_set_mem_functions(take, take_again, give_back) == 1;

TEST_F(TlsTest, ASocketWithoutMemoryForTlsIsClosedAndNotPlain) {
    ASSERT_TRUE(has_own_memory);
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    Wire peer(pair[1]);
    peer.send(kGet);
    no_memory_for_tls = true;
    Socket socket{Descriptor(pair[0]), tls->current().get()};
    no_memory_for_tls = false;
    EXPECT_TRUE(socket.is_tls());
    char buffer[100];
    EXPECT_EQ(socket.accept_tls().status, Socket::Status::closed);
    EXPECT_EQ(socket.read(buffer, sizeof buffer).status, Socket::Status::closed);
    EXPECT_EQ(socket.write("secret").status, Socket::Status::closed);
    socket.end_writing();
    EXPECT_EQ(peer.read_all(), "");
}

}  // namespace
}  // namespace pomiar::http::test
