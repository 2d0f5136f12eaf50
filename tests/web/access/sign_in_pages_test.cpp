#include "web/access/sign_in_pages.hpp"

#include <map>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "web/access/guard.hpp"
#include "web/access/test_loop.hpp"

namespace pomiar::access {
namespace {

using http::Method;
using http::Request;
using http::Response;

// A browser: keeps cookies, posts forms with the token of the page it saw last.
class SignInPagesTest : public testing::Test {
  protected:
    SignInPagesTest() {
        router_.before(guard(access_, {}));
        add_sign_in_pages(router_, access_, [this](const Request&, const SignInPage& page) {
            page_ = page;
            return Response::html("page");
        });
        key_ = **access_.begin_setup();
    }

    Response go(Method method, std::string target, std::string body = "") {
        Request request;
        request.method = method;
        request.target = std::move(target);
        const auto question = request.target.find('?');
        request.path = std::string_view(request.target).substr(0, question);
        if (question != std::string::npos) request.query_text = std::string_view(request.target).substr(question + 1);
        request.body = std::move(body);
        request.peer = "10.0.0.1";
        std::string cookies;
        for (const auto& [name, value] : cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
        if (!cookies.empty()) request.headers.add("Cookie", cookies);
        std::string allow;
        const auto* route = router_.match(request, allow);
        EXPECT_NE(route, nullptr);
        for (const auto& filter : router_.filters())
            if (auto refused = loop_.wait_for(filter(request))) return std::move(*refused);
        Response response = loop_.wait_for(route->handler(request));
        keep_cookies(response);
        return response;
    }
    Response get(std::string target) { return go(Method::get, std::move(target)); }
    Response post(std::string target, const http::Pairs& fields) {
        std::string body = "csrf=" + percent_encode(page_.csrf);
        for (const auto& [name, value] : fields) body += "&" + name + "=" + percent_encode(value);
        return go(Method::post, std::move(target), std::move(body));
    }

    void keep_cookies(const Response& response) {
        for (std::size_t i = 0; i < response.headers.size(); ++i) {
            const auto [name, value] = response.headers[i];
            if (name != "Set-Cookie") continue;
            EXPECT_NE(value.find("; Path=/; "), std::string::npos);
            EXPECT_NE(value.find("; Secure; HttpOnly; SameSite=Lax"), std::string::npos);
            const auto equals = value.find('=');
            const std::string text(value.substr(equals + 1, value.find(';') - equals - 1));
            if (text.empty()) {
                cookies_.erase(std::string(value.substr(0, equals)));
            } else {
                cookies_[std::string(value.substr(0, equals))] = text;
            }
        }
    }

    void set_up() {
        get("/setup?key=" + key_);
        EXPECT_EQ(post("/setup", {{"token", key_}, {"password", "correct horse"}, {"again", "correct horse"}}).status,
                  303);
    }
    bool signed_in() {
        const auto found = cookies_.find(std::string(kSessionCookie));
        return found != cookies_.end() && access_.by_session(found->second);
    }

    const test::TemporaryDirectory directory_;
    test::FakeClock clock_;
    TestLoop loop_;
    Access access_{real_file_system(), clock_, loop_, directory_.path()};
    http::Router router_;
    SignInPage page_;
    std::string key_;
    std::map<std::string, std::string> cookies_;
};

TEST_F(SignInPagesTest, SetupOnceAndSignedIn) {
    EXPECT_EQ(get("/setup?key=" + key_).status, 200);
    EXPECT_EQ(page_.kind, SignInPage::Kind::setup);
    EXPECT_EQ(page_.token, key_);
    EXPECT_EQ(post("/setup", {{"token", key_}, {"password", "correct horse"}, {"again", "other"}}).status, 422);
    EXPECT_EQ(post("/setup", {{"token", key_}, {"password", "short"}, {"again", "short"}}).status, 422);
    EXPECT_EQ(page_.error, "short");
    EXPECT_EQ(post("/setup", {{"token", key_}, {"password", "password1"}, {"again", "password1"}}).status, 422);
    EXPECT_EQ(page_.error, "frequent");
    EXPECT_FALSE(signed_in());
    const Response done = post("/setup", {{"token", key_}, {"password", "correct horse"}, {"again", "correct horse"}});
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.headers.get("Location"), "/connect");
    EXPECT_TRUE(signed_in());
    EXPECT_EQ(get("/setup?key=" + key_).headers.get("Location"), "/login");
}

TEST_F(SignInPagesTest, AWrongSetupLinkIsRefused) {
    for (const char* target : {"/setup", "/setup?key=", "/setup?key=x"}) {
        EXPECT_EQ(get(target).status, 403) << target;
        EXPECT_NE(page_.error, "");
    }
    EXPECT_EQ(post("/setup", {{"token", "x"}, {"password", "correct horse"}, {"again", "correct horse"}}).status, 403);
    EXPECT_FALSE(access_.has_password());
}

TEST_F(SignInPagesTest, LoginNeedsASetUpPassword) {
    EXPECT_EQ(get("/login").status, 200);
    EXPECT_NE(page_.error, "");
    EXPECT_EQ(post("/login", {{"password", ""}}).status, 403);
}

TEST_F(SignInPagesTest, LoginAndLogout) {
    set_up();
    cookies_.erase(std::string(kSessionCookie));
    EXPECT_EQ(get("/login?next=%2Fsensors%2Fx").status, 200);
    EXPECT_EQ(page_.next, "/sensors/x");
    EXPECT_EQ(page_.error, "");
    EXPECT_EQ(post("/login", {{"password", "wrong horse"}, {"next", page_.next}}).status, 403);
    EXPECT_EQ(page_.error, "password");
    EXPECT_EQ(page_.next, "/sensors/x");
    const Response done = post("/login", {{"password", "correct horse"}, {"next", page_.next}});
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.headers.get("Location"), "/sensors/x");
    EXPECT_EQ(done.headers.get("Cache-Control"), "no-store");
    ASSERT_TRUE(signed_in());
    EXPECT_EQ(get("/login?next=/a").headers.get("Location"), "/a");

    page_.csrf = "wrong";
    EXPECT_EQ(post("/logout", {}).status, 403);
    EXPECT_TRUE(signed_in());
    const std::string secret = cookies_[std::string(kSessionCookie)];
    page_.csrf = csrf_of(secret);
    const Response out = post("/logout", {});
    EXPECT_EQ(out.status, 303);
    EXPECT_EQ(out.headers.get("Clear-Site-Data"), "\"cache\", \"storage\"");
    EXPECT_FALSE(cookies_.contains(std::string(kSessionCookie)));
    EXPECT_FALSE(access_.by_session(secret));
}

TEST_F(SignInPagesTest, NextNeverLeadsAway) {
    set_up();
    cookies_.erase(std::string(kSessionCookie));
    get("/login?next=https%3A%2F%2Fevil.example");
    EXPECT_EQ(page_.next, "/");
    const Response done = post("/login", {{"password", "correct horse"}, {"next", "//evil.example"}});
    EXPECT_EQ(done.headers.get("Location"), "/");
}

TEST_F(SignInPagesTest, AFormFromElsewhereIsRefused) {
    set_up();
    cookies_.clear();
    get("/login");
    const std::string good = page_.csrf;
    page_.csrf = "x";
    EXPECT_EQ(post("/login", {{"password", "correct horse"}}).status, 403);
    page_.csrf = good;
    cookies_[std::string(kVisitorCookie)] = random_secret();
    EXPECT_EQ(post("/login", {{"password", "correct horse"}}).status, 403);
    cookies_.clear();
    EXPECT_EQ(post("/login", {{"password", "correct horse"}}).status, 403);
    EXPECT_FALSE(signed_in());
}

TEST_F(SignInPagesTest, GuessingGets429) {
    set_up();
    cookies_.erase(std::string(kSessionCookie));
    get("/login");
    int status = 0;
    for (int i = 0; i < 4; ++i) status = post("/login", {{"password", "wrong horse"}}).status;
    EXPECT_EQ(status, 429);
    const Response refused = post("/login", {{"password", "correct horse"}});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    EXPECT_EQ(page_.error, "wait");
    EXPECT_EQ(page_.wait, kSecond);
    EXPECT_FALSE(signed_in());
}

TEST_F(SignInPagesTest, StrangeCookiesAndBodiesDoNoHarm) {
    set_up();
    for (const char* value : {"x", "\"", "0123456789012345678901234567890123456789012"}) {
        cookies_ = {{std::string(kVisitorCookie), value}, {std::string(kSessionCookie), value}};
        EXPECT_EQ(get("/login").status, 200);
        EXPECT_EQ(go(Method::post, "/login", "password=%zz&csrf").status, 403);
        EXPECT_EQ(go(Method::post, "/setup", std::string(8000, '&')).status, 403);
        EXPECT_EQ(go(Method::post, "/logout", "\xff").status, 303);
    }
}

}  // namespace
}  // namespace pomiar::access
