#include "web/security_headers.hpp"

#include <gtest/gtest.h>

namespace pomiar::web::test {
namespace {

using http::Request;
using http::Response;

Response secured(Response response, SecurityHeaders options = {}, bool secure = true) {
    http::Router router;
    add_security_headers(router, options);
    Request request;
    request.secure = secure;
    for (const auto& finish : router.finishes()) finish(request, response);
    return response;
}

TEST(SecurityHeaders, PagesRunNothingThatIsNotAFileOfThisServer) {
    const Response page = secured(Response::html("<p>"));
    const std::string_view policy = page.headers.get("Content-Security-Policy");
    EXPECT_EQ(policy, kPagePolicy);
    EXPECT_FALSE(policy.contains("unsafe"));
    EXPECT_TRUE(policy.contains("default-src 'none'"));
    EXPECT_TRUE(policy.contains("frame-ancestors 'none'"));
    EXPECT_TRUE(policy.contains("base-uri 'none'"));
    EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page.headers.get("Referrer-Policy"), "same-origin");
    EXPECT_EQ(page.headers.get("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(page.headers.get("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_TRUE(page.headers.get("Permissions-Policy").contains("camera=()"));
}

TEST(SecurityHeaders, DataIsNoPage) {
    for (const Response& data : {secured(Response::json("{}")), secured(Response::problem(404, "")),
                                 secured(Response::redirect("/")), secured(Response::text("x", 500))}) {
        EXPECT_EQ(data.headers.get("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(data.headers.get("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
        EXPECT_EQ(data.headers.get("Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_FALSE(data.headers.has("Permissions-Policy"));
    }
    const Response drawing = secured(Response::bytes("image/svg+xml", "<svg/>"));
    EXPECT_TRUE(drawing.headers.get("Content-Security-Policy").starts_with("default-src 'none'; style-src"));
}

TEST(SecurityHeaders, WhatDevicesGetStaysShort) {
    const Response done = secured(Response::empty());
    EXPECT_EQ(done.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(done.headers.has("Content-Security-Policy"));
}

TEST(SecurityHeaders, AHandlersOwnStay) {
    const Response own = secured(Response::html("").header("Cross-Origin-Resource-Policy", "cross-origin"));
    EXPECT_EQ(own.headers.get("Cross-Origin-Resource-Policy"), "cross-origin");
}

TEST(SecurityHeaders, OnlyAChosenCertificateIsToBeRemembered) {
    const SecurityHeaders chosen{.strict_transport = true};
    EXPECT_EQ(secured(Response::json("{}"), chosen).headers.get("Strict-Transport-Security"), "max-age=31536000");
    EXPECT_TRUE(secured(Response::empty(), chosen).headers.has("Strict-Transport-Security"));
    EXPECT_FALSE(secured(Response::json("{}"), chosen, false).headers.has("Strict-Transport-Security"));
    EXPECT_FALSE(secured(Response::json("{}")).headers.has("Strict-Transport-Security"));
}

}  // namespace
}  // namespace pomiar::web::test
