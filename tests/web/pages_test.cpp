#include "web/pages.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gmock/gmock.h>

#include "web/access/guard.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using access::Principal;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;

// The real templates, as they are before the build takes their indentation.
std::span<const Embedded> templates() {
    static const auto texts = [] {
        std::map<std::string, std::string> found;
        for (const auto& file : std::filesystem::directory_iterator(POMIAR_SOURCE_DIR "/frontend/templates")) {
            std::ifstream in(file.path());
            found[file.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
        }
        return found;
    }();
    static const auto table = [] {
        std::vector<Embedded> entries;
        for (const auto& [name, text] : texts) entries.push_back({name, text});
        return entries;
    }();
    return table;
}

class PagesTest : public WebFixture {
  protected:
    WebOptions web_options() override {
        static const std::vector<Embedded> paths{{"app.css", "/static/app-1.css"}};
        return {.version = "0.1.0", .templates = templates(), .asset_paths = paths};
    }
    http::Response page(std::string target, std::string_view host = "pomiar.local:8443") {
        auto request = make(http::Method::get, std::move(target));
        request.headers.add("Host", host);
        request.headers.add("Accept", "text/html");
        request.secure = true;
        return ask(std::move(request));
    }
    http::Response as_signed_in(std::string target) {
        auto request = make(http::Method::get, std::move(target));
        request.identity = Principal{Principal::Via::session, access::Can::admin, "", "", "proof<&>"};
        return ask(std::move(request));
    }
};

TEST_F(PagesTest, WaitForTheFirstReading) {
    const auto response = page("/");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(body_of(response), HasSubstr("Waiting for the first reading"));
    EXPECT_THAT(body_of(response), HasSubstr("curl -k https://pomiar.local:8443/api/v1/measurements"));
    EXPECT_THAT(body_of(page("/", "<script>")), HasSubstr("curl -k https://localhost/api"));
}

TEST_F(PagesTest, ShowLatestValues) {
    put("climate,room=hall,floor=1", "temperature", kNow - 3 * kMinute, Value::of(20.5));
    put("door", "state", kNow, Value::of(std::string_view("<b>open</b>")));
    const auto response = page("/");
    EXPECT_EQ(response.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
    EXPECT_THAT(response.headers.get("Content-Security-Policy"), HasSubstr("default-src 'none'"));
    const std::string html = body_of(response);
    EXPECT_THAT(html, HasSubstr("<a href=\"/sensors/climate%2Croom%3Dhall%2Cfloor%3D1\">hall</a>"));
    EXPECT_THAT(html, HasSubstr("climate · floor 1"));
    EXPECT_THAT(html, HasSubstr("20.5"));
    EXPECT_THAT(html, HasSubstr("3 min ago"));
    EXPECT_THAT(html, HasSubstr("&lt;b&gt;open&lt;/b&gt;"));
    EXPECT_THAT(html, HasSubstr("/static/app-1.css"));
    EXPECT_THAT(html, HasSubstr("data-live=\"/events\""));
}

TEST_F(PagesTest, AreMadeOnceUntilSomethingChanges) {
    put("door", "angle", kNow, Value::of(1.0));
    const auto first = page("/");
    ASSERT_TRUE(first.shared);
    EXPECT_EQ(page("/").shared, first.shared);
    put("door", "angle", kNow, Value::of(2.25));
    const auto second = page("/");
    EXPECT_NE(second.shared, first.shared);
    EXPECT_THAT(body_of(second), HasSubstr("2.25"));
    clock.advance(kSecond);
    EXPECT_NE(page("/").shared, second.shared);  // ages
}

TEST_F(PagesTest, GiveEachReaderTheirOwnProof) {
    put("door", "angle", kNow, Value::of(1.0));
    const auto mine = as_signed_in("/");
    EXPECT_FALSE(mine.shared);
    EXPECT_THAT(mine.body, HasSubstr("name=\"csrf\" value=\"proof<&>\""));  // base64url in truth
    EXPECT_THAT(body_of(page("/")), Not(HasSubstr("csrf")));
}

TEST_F(PagesTest, DrawSparkLines) {
    put("door", "angle", kNow - 2 * kHour, Value::of(1.0));
    EXPECT_THAT(body_of(page("/")), Not(HasSubstr("class=\"spark\"")));
    put("door", "angle", kNow, Value::of(2.0));
    clock.advance(kMinute);
    EXPECT_THAT(body_of(page("/")), HasSubstr("class=\"spark\""));
    const auto grid = page("/?fragment=grid");
    EXPECT_THAT(body_of(grid), HasSubstr("<article class=\"card\" data-sensor=\"door\">"));
    EXPECT_THAT(body_of(grid), Not(HasSubstr("<html")));
}

TEST_F(PagesTest, ShowOneSensor) {
    for (int i = 0; i < 120; ++i) {
        put("climate,room=a/b", "temperature", kNow - i * kMinute, Value::of(20.0 + i % 10));
    }
    put("climate,room=a/b", "state", kNow, Value::of(std::string_view("fine")));
    const auto response = page("/sensors/climate%2Croom%3Da%2Fb?range=1h");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("min 20 · mean 24"));
    EXPECT_THAT(response.body, HasSubstr("max 29"));
    EXPECT_THAT(response.body, HasSubstr("<path class=\"trace\" d=\"M"));
    EXPECT_THAT(response.body, HasSubstr("href=\"?range=1h\" aria-current"));
    EXPECT_THAT(response.body, HasSubstr("data-live=\"/events?sensor=climate%2Croom%3Da%2Fb\""));
    EXPECT_THAT(response.body, HasSubstr("fine"));
    EXPECT_THAT(response.body, Not(HasSubstr("data-chart=\"state\"")));
    for (const std::string_view range : {"6h", "24h", "7d", "30d", "90d", "1y", "all", "nonsense", ""}) {
        const auto other = page("/sensors/climate%2Croom%3Da%2Fb?fragment=charts&range=" + std::string(range));
        EXPECT_EQ(other.status, 200) << range;
        EXPECT_THAT(other.body, HasSubstr("data-chart=\"temperature\"")) << range;
        EXPECT_THAT(other.body, Not(HasSubstr("<html")));
    }
}

TEST_F(PagesTest, OfUnknownSensorsAreErrors) {
    const auto response = page("/sensors/attic");
    EXPECT_EQ(response.status, 404);
    EXPECT_THAT(response.body, HasSubstr("there is no sensor `attic`"));
    EXPECT_THAT(response.body, HasSubstr("<html"));
    const auto program = get("/sensors/attic");
    EXPECT_EQ(program.headers.get("Content-Type"), "application/problem+json");
}

TEST_F(PagesTest, OfATokenShowItsSensorsOnly) {
    put("hall", "x", kNow, Value::of(1.0));
    put("attic", "x", kNow, Value::of(1.0));
    const auto as_hall = [this](std::string target) {
        auto request = make(http::Method::get, std::move(target));
        request.identity = Principal{Principal::Via::token, access::Can::read, "t", "hall", ""};
        return ask(std::move(request));
    };
    for (const std::string_view target : {"/", "/?fragment=grid"}) {
        const std::string html = body_of(as_hall(std::string(target)));
        EXPECT_THAT(html, HasSubstr("data-sensor=\"hall\"")) << target;
        EXPECT_THAT(html, Not(HasSubstr("attic"))) << target;
    }
    EXPECT_EQ(as_hall("/sensors/hall").status, 200);
    EXPECT_EQ(as_hall("/sensors/attic").status, 403);
}

TEST(Origin, IsAHostOrNone) {
    const auto origin = [](std::string_view host, bool secure) {
        http::Request request;
        request.secure = secure;
        if (!host.empty()) request.headers.add("Host", host);
        return origin_of(request);
    };
    EXPECT_EQ(origin("[::1]:8443", true), "https://[::1]:8443");
    EXPECT_EQ(origin("pomiar.local", false), "http://pomiar.local");
    EXPECT_EQ(origin("a\"b", true), "https://localhost");
    EXPECT_EQ(origin("", true), "https://localhost");
    EXPECT_EQ(origin(std::string(300, 'a'), true), "https://localhost");
}

}  // namespace
}  // namespace pomiar::web::test
