#include "web/access/guard.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "web/access/test_loop.hpp"

namespace pomiar::access {
namespace {

using http::Method;
using http::Request;
using http::Response;

class GuardTest : public testing::Test {
  protected:
    GuardTest() {
        EXPECT_TRUE(file_.update([&](AccessState& state) -> Result<> {
            read_ = *add_token(state, {.name = "r", .can = Can::read}, clock_.now());
            write_ = *add_token(state, {.name = "w", .can = Can::write}, clock_.now());
            admin_ = *add_token(state, {.name = "a", .can = Can::admin}, clock_.now());
            session_ = add_session(state, clock_.now());
            return {};
        }));
        EXPECT_TRUE(access_.reload());
    }

    // 0: let through.
    int status(Need need, Request request, GuardOptions options = {}) {
        response_ = pass(need, Face::api, request, options);
        return response_ ? response_->status : 0;
    }
    std::optional<Response> pass(Need need, Face face, Request& request, GuardOptions options = {}) {
        const http::RouteOptions route{.tag = route_tag(need, face)};
        request.route = &route;
        auto response = loop_.wait_for(guard(access_, options)(request));
        principal_ = principal_of(request);
        request.route = nullptr;
        return response;
    }

    static Request plain(std::string target = "/x") {
        Request request;
        request.target = std::move(target);
        return request;
    }
    static Request with_token(const std::string& token) {
        Request request = plain();
        request.headers.add("Authorization", "Bearer " + token);
        return request;
    }
    Request with_session(Method method = Method::get) const {
        Request request = plain();
        request.method = method;
        request.headers.add("Cookie", "a=b; " + std::string(kSessionCookie) + "=" + session_);
        return request;
    }

    const test::TemporaryDirectory directory_;
    test::FakeClock clock_;
    TestLoop loop_;
    AccessFile file_{real_file_system(), directory_.path()};
    Access access_{real_file_system(), clock_, loop_, directory_.path()};
    std::string read_;
    std::string write_;
    std::string admin_;
    std::string session_;
    Principal principal_;
    std::optional<Response> response_;
};

TEST_F(GuardTest, TokensMayWhatTheySay) {
    const struct {
        const std::string& token;
        Need need;
        int status;
    } rows[] = {
        {read_, Need::read, 0},   {read_, Need::write, 403},  {read_, Need::admin, 403}, {write_, Need::read, 403},
        {write_, Need::write, 0}, {write_, Need::admin, 403}, {admin_, Need::read, 0},   {admin_, Need::write, 0},
        {admin_, Need::admin, 0}, {read_, Need::nobody, 0},   {write_, Need::nobody, 0},
    };
    for (const auto& row : rows)
        EXPECT_EQ(status(row.need, with_token(row.token)), row.status) << row.token << int(row.need);
}

TEST_F(GuardTest, AnAdminOfSomeSensorsIsNoneOfTheWhole) {
    std::string narrow;
    EXPECT_TRUE(file_.update([&](AccessState& state) -> Result<> {
        narrow = *add_token(state, {.name = "n", .can = Can::admin, .only = "garden"}, clock_.now());
        return {};
    }));
    EXPECT_EQ(status(Need::read, with_token(narrow)), 0);
    EXPECT_EQ(status(Need::write, with_token(narrow)), 0);
    EXPECT_EQ(status(Need::admin, with_token(narrow)), 403);
}

TEST_F(GuardTest, NobodyMayNothing) {
    for (Need need : {Need::read, Need::write, Need::admin}) {
        EXPECT_EQ(status(need, plain()), 401);
        EXPECT_EQ(response_->headers.get("WWW-Authenticate"), "Bearer realm=\"pomiar\"");
        EXPECT_EQ(response_->headers.get("Content-Type"), "application/problem+json");
        EXPECT_EQ(status(need, with_token("pomiar_wrong")), 401);
        Request odd = plain();
        odd.headers.add("Authorization", "Digest x");
        EXPECT_EQ(status(need, odd), 401);
    }
    EXPECT_EQ(status(Need::nobody, plain()), 0);
}

TEST_F(GuardTest, ARouteThatSaysNothingNeedsAnAdmin) {
    Request request = with_token(write_);
    EXPECT_TRUE(loop_.wait_for(guard(access_, {})(request)));
    Request admin = with_token(admin_);
    EXPECT_FALSE(loop_.wait_for(guard(access_, {})(admin)));
}

TEST_F(GuardTest, OpenToAllIsForReadingOnly) {
    const GuardOptions open{.open_to_all = true};
    EXPECT_EQ(status(Need::read, plain(), open), 0);
    EXPECT_EQ(status(Need::read, with_token("pomiar_wrong"), open), 0);
    EXPECT_EQ(status(Need::write, plain(), open), 401);
    EXPECT_EQ(status(Need::admin, plain(), open), 401);
}

TEST_F(GuardTest, TakesInfluxQueryParameters) {
    EXPECT_EQ(status(Need::write, plain("/write?db=x&u=me&p=" + write_)), 401) << "query_text is not set";
    Request request = plain("/write?db=x&u=me&p=" + write_);
    request.query_text = std::string_view(request.target).substr(7);
    EXPECT_FALSE(pass(Need::write, Face::api, request));
    EXPECT_EQ(principal_.name, "w");
    EXPECT_TRUE(pass(Need::write, Face::page, request)) << "not on pages: it would stay in a browser's history";
}

TEST_F(GuardTest, ASessionIsAnAdminWithItsCsrfToken) {
    EXPECT_EQ(status(Need::read, with_session()), 0);
    EXPECT_EQ(principal_.via, Principal::Via::session);
    EXPECT_EQ(principal_.csrf, csrf_of(session_));
    EXPECT_EQ(status(Need::admin, with_session()), 0);
    EXPECT_EQ(status(Need::write, with_session(Method::post)), 403);
    EXPECT_EQ(status(Need::admin, with_session(Method::delete_)), 403);

    Request good = with_session(Method::post);
    good.headers.add("X-CSRF-Token", csrf_of(session_));
    EXPECT_EQ(status(Need::write, good), 0);
    Request cross = good;
    cross.headers.add("Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(status(Need::write, cross), 403);
    Request other = with_session(Method::post);
    other.headers.add("X-CSRF-Token", csrf_of("other"));
    EXPECT_EQ(status(Need::write, other), 403);
    Request empty = with_session(Method::post);
    empty.headers.add("X-CSRF-Token", "");
    EXPECT_EQ(status(Need::write, empty), 403);
}

TEST_F(GuardTest, PagesSendPeopleToSignIn) {
    Request request = plain("/sensors/a%2Fb?range=1h&x=//evil");
    const auto response = pass(Need::read, Face::page, request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 303);
    EXPECT_EQ(response->headers.get("Location"), "/login?next=%2Fsensors%2Fa%252Fb%3Frange%3D1h%26x%3D%2F%2Fevil");
}

TEST_F(GuardTest, TheRoutesOwnProblemWriterIsUsed) {
    Request request = plain();
    const http::RouteOptions route{.tag = route_tag(Need::write),
                                   .problem = [](const Request&, const http::Problem& p) {
                                       return Response::json("{\"error\":\"authorization failed\"}", p.status);
                                   }};
    request.route = &route;
    const auto response = loop_.wait_for(guard(access_, {})(request));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 401);
    EXPECT_EQ(response->body, "{\"error\":\"authorization failed\"}");
}

TEST_F(GuardTest, TheOwnersSocketMayAll) {
    EXPECT_EQ(status(Need::admin, plain(), {.owner = true}), 0);
    EXPECT_EQ(principal_.via, Principal::Via::owner);
    Request request = plain();
    request.method = Method::post;
    EXPECT_EQ(status(Need::write, request, {.owner = true}), 0);
}

}  // namespace
}  // namespace pomiar::access
