#include "web/pages/pages.hpp"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "web/access/guard.hpp"
#include "web/built_templates.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using access::Principal;
using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array<std::string_view, 1> kMinutesBack{"%(count)s minutes back"};
constexpr std::array<std::string_view, 1> kPreview{"PREVIEW"};
constexpr std::array<Translation, 2> kTranslations{{{"%(count)s min ago", kMinutesBack}, {"Overview", kPreview}}};
constexpr std::array<Language, 1> kLanguages{{{"xx", "Xx", ';', [](std::uint64_t) { return 0u; }, kTranslations}}};

class PagesTest : public WebFixture {
  protected:
    WebOptions web_options() override {
        static const std::vector<Embedded> paths{{"app.css", "/static/app-1.css"}, {"chart.js", "/static/chart-1.js"}};
        return {.version = "0.1.0", .templates = built_templates(), .asset_paths = paths, .languages = kLanguages};
    }
    http::Response page(std::string target, std::string_view host = "pomiar.local:8443") {
        auto request = make(http::Method::get, std::move(target));
        request.headers.add("Host", host);
        request.headers.add("Accept", "text/html");
        request.secure = true;
        return ask(std::move(request));
    }
    http::Response save(const std::string& sensor, std::string form) {
        auto request = make(http::Method::post, "/sensors/" + sensor);
        request.body = std::move(form);
        if (const std::size_t at = request.body.find("proof<&>"); at != std::string::npos)
            request.body.replace(at, 8, "proof%3C%26%3E");
        request.identity = Principal{Principal::Via::session, access::Can::admin, "", "", "proof<&>"};
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

TEST_F(PagesTest, ThatAreSharedHoldNoReadersProof) {
    put("door", "angle", kNow, Value::of(1.0));
    const auto mine = as_signed_in("/");
    EXPECT_TRUE(mine.shared);
    EXPECT_TRUE(mine.compress);
    EXPECT_THAT(body_of(mine), Not(HasSubstr("csrf")));
    EXPECT_THAT(body_of(mine), HasSubstr("href=\"/logout\""));
    EXPECT_THAT(body_of(page("/")), Not(HasSubstr("/logout")));
    const auto leave = as_signed_in("/logout");
    EXPECT_FALSE(leave.compress) << "its length would tell of the proof";
    EXPECT_THAT(leave.body, HasSubstr("name=\"csrf\" value=\"proof&lt;&amp;&gt;\""));
    EXPECT_EQ(page("/logout").headers.get("Location"), "/login");
}

TEST_F(PagesTest, SpeakTheReadersLanguage) {
    put("door", "angle", kNow - 3 * kMinute, Value::of(1.5));
    auto request = make(http::Method::get, "/");
    request.headers.add("Accept-Language", "xx, yy;q=0.5");
    const std::string html = body_of(ask(std::move(request)));
    EXPECT_THAT(html, HasSubstr("<html lang=\"xx\">"));
    EXPECT_THAT(html, HasSubstr("PREVIEW"));
    EXPECT_THAT(html, HasSubstr("3 minutes back"));
    EXPECT_THAT(html, HasSubstr("1;5"));
    EXPECT_THAT(body_of(page("/")), HasSubstr("3 min ago")) << "others have their own";
}

TEST_F(PagesTest, KeepTheChosenLanguageAndColours) {
    auto request = make(http::Method::post, "/appearance");
    request.body = "language=xx&theme=dark";
    request.secure = true;
    request.headers.add("Host", "house");
    request.headers.add("Referer", "https://house/sensors/door?range=7d");
    const auto response = ask(std::move(request));
    EXPECT_EQ(response.status, 303);
    EXPECT_EQ(response.headers.get("Location"), "/sensors/door?range=7d");
    std::string cookies;
    response.headers.append_to(cookies);
    EXPECT_THAT(cookies, HasSubstr("language=xx; Path=/;"));
    EXPECT_THAT(cookies, HasSubstr("theme=dark; Path=/;"));
    auto next = make(http::Method::get, "/login");
    next.headers.add("Cookie", "language=xx; theme=dark");
    EXPECT_THAT(body_of(ask(std::move(next))), HasSubstr("<html lang=\"xx\" data-theme=\"dark\">"));
}

TEST_F(PagesTest, TakeNoAppearanceFromAnotherSite) {
    auto request = make(http::Method::post, "/appearance");
    request.body = "language=xx";
    request.headers.add("Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(ask(std::move(request)).status, 400);
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
    EXPECT_THAT(response.body, HasSubstr("lowest 20.0 · mean 24"));
    EXPECT_THAT(response.body, HasSubstr("highest 29.0"));
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

TEST_F(PagesTest, CallSensorsAsTheirOwnerDoes) {
    put("climate,room=hall", "temperature", kNow, Value::of(20.456));
    put("climate,room=hall", "rssi", kNow, Value::of(std::int64_t{-60}));
    EXPECT_THAT(body_of(page("/")), HasSubstr(">20.5<")) << "one decimal, as guessed";
    EXPECT_THAT(as_signed_in("/sensors/climate%2Croom%3Dhall").body, HasSubstr("name=\"title\" value=\"hall\""));
    const auto response = save("climate%2Croom%3Dhall",
                               "csrf=proof<&>&title=Corridor&group=Downstairs&icon=door&place=&name-0=temperature"
                               "&title-0=Warmth&unit-0=K&decimals-0=2&name-1=rssi&title-1=Rssi&unit-1=dBm&decimals-1=0"
                               "&hidden-1=on");
    ASSERT_EQ(response.status, 303);
    EXPECT_EQ(response.headers.get("Location"), "/sensors/climate%2Croom%3Dhall");
    const std::string html = body_of(page("/"));
    EXPECT_THAT(html, HasSubstr(">Corridor</a>"));
    EXPECT_THAT(html, HasSubstr("data-group=\"Downstairs\""));
    EXPECT_THAT(html, HasSubstr("#door\""));
    EXPECT_THAT(html, HasSubstr("<dt>Warmth</dt>"));
    EXPECT_THAT(html, HasSubstr(">20.46<"));
    EXPECT_THAT(html, HasSubstr(">K<"));
    EXPECT_THAT(html, Not(HasSubstr("rssi")));
    EXPECT_THAT(as_signed_in("/sensors/climate%2Croom%3Dhall").body, HasSubstr("name=\"hidden-0\" checked"))
        << "a hidden field can be shown again";
}

TEST_F(PagesTest, LeaveHiddenSensorsOut) {
    put("door", "angle", kNow, Value::of(1.0));
    put("gate", "angle", kNow, Value::of(1.0));
    ASSERT_EQ(save("door", "csrf=proof<&>&title=door&hidden=on").status, 303);
    const std::string html = body_of(page("/"));
    EXPECT_THAT(html, Not(HasSubstr("data-sensor=\"door\"")));
    EXPECT_THAT(html, HasSubstr("1 hidden sensor"));
    EXPECT_THAT(html, HasSubstr("<a href=\"/sensors/door\">door</a>"));
}

TEST_F(PagesTest, ShowASensorAgainWhoseOnlyFieldIsHidden) {
    put("kitchen", "temperature", kNow, Value::of(21.4));
    ASSERT_EQ(save("kitchen", "csrf=proof<&>&name-0=temperature&title-0=Temperature&unit-0=°C&decimals-0=1&hidden-0=on")
                  .status,
              303);
    EXPECT_THAT(body_of(page("/")), Not(HasSubstr("data-sensor=\"kitchen\"")));
    const auto response = as_signed_in("/sensors/kitchen");
    EXPECT_EQ(response.status, 200) << "the form that shows it again is there";
    EXPECT_THAT(response.body, HasSubstr("name=\"hidden-0\" checked"));
    ASSERT_EQ(save("kitchen", "csrf=proof<&>&name-0=temperature&title-0=Temperature&unit-0=°C&decimals-0=1").status,
              303);
    EXPECT_THAT(body_of(page("/")), HasSubstr("data-sensor=\"kitchen\""));
}

TEST_F(PagesTest, ShowHiddenSensorsThoughAllAre) {
    put("door", "angle", kNow, Value::of(1.0));
    ASSERT_EQ(save("door", "csrf=proof<&>&hidden=on").status, 303);
    const std::string html = body_of(page("/"));
    EXPECT_THAT(html, HasSubstr("<a href=\"/sensors/door\">door</a>"));
    EXPECT_THAT(html, HasSubstr("data-grid")) << "new cards have a place";
    EXPECT_THAT(html, Not(HasSubstr("data-waiting")));
}

TEST_F(PagesTest, WaitForWhatATokenMaySee) {
    put("door", "angle", kNow, Value::of(1.0));
    auto request = make(http::Method::get, "/");
    request.identity = Principal{Principal::Via::token, access::Can::read, "narrow", "garden", ""};
    EXPECT_THAT(body_of(ask(std::move(request))), HasSubstr("data-waiting"));
}

TEST_F(PagesTest, ShowAsManyDecimalsAsItTakesWhereThatIsChosen) {
    put("door", "temperature", kNow, Value::of(20.4567));
    EXPECT_THAT(body_of(page("/")), HasSubstr(">20.5<"));
    ASSERT_EQ(save("door", "csrf=proof<&>&name-0=temperature&title-0=Temperature&unit-0=°C&decimals-0=").status, 303);
    EXPECT_THAT(body_of(page("/")), HasSubstr(">20.4567<"));
    EXPECT_THAT(as_signed_in("/sensors/door").body, HasSubstr("<option value=\"\">as needed</option>"));
    ASSERT_EQ(save("door", "csrf=proof<&>&name-0=temperature&title-0=Temperature&unit-0=°C&decimals-0=1").status, 303);
    EXPECT_THAT(body_of(page("/")), HasSubstr(">20.5<"));
}

TEST_F(PagesTest, NameAllFieldsOfALargeSensorOrSayWhyNot) {
    std::string unchanged = "csrf=proof<&>&title=Large";
    std::string renamed = unchanged;
    for (int i = 0; i <= static_cast<int>(kLabelledFieldsMax); ++i) {
        const std::string n = std::to_string(i);
        unchanged += "&name-" + n + "=f" + n + "&title-" + n + "=F" + n + "&unit-" + n + "=&decimals-" + n + "=";
        renamed += "&name-" + n + "=f" + n + "&title-" + n + "=other&unit-" + n + "=&decimals-" + n + "=";
    }
    put("large", "f0", kNow, Value::of(1.0));
    EXPECT_EQ(save("large", unchanged).status, 303) << "what equals the guess takes no room";
    const auto refused = save("large", renamed);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(body_of(refused), HasSubstr("more than 100 fields"));
    EXPECT_EQ(save("large", unchanged + "&name-101=%FF&title-101=x").status, 400) << "no text";
}

TEST_F(PagesTest, ForgetTextsThatNobodyAsksFor) {
    put("door", "angle", kNow, Value::of(1.0));
    const std::weak_ptr<const http::SharedBody> rare = page("/?order=name").shared;
    EXPECT_FALSE(rare.expired()) << "kept for the next";
    clock.advance(29 * kSecond);
    page("/");
    EXPECT_FALSE(rare.expired());
    clock.advance(2 * kSecond);
    page("/");
    EXPECT_TRUE(rare.expired());
    EXPECT_EQ(page("/?order=name").status, 200);
}

TEST_F(PagesTest, TakeNamesOnlyFromTheirOwnForm) {
    put("door", "angle", kNow, Value::of(1.0));
    EXPECT_EQ(save("door", "title=x").status, 403);
    EXPECT_EQ(save("door", "csrf=other&title=x").status, 403);
    EXPECT_EQ(save("door", "csrf=proof<&>&title=" + std::string(61, 'x')).status, 400);
    EXPECT_EQ(save("door", "csrf=proof<&>&icon=unheard-of").status, 400);
    EXPECT_EQ(save("door", "csrf=proof<&>&place=-1").status, 400);
    EXPECT_THAT(body_of(page("/")), HasSubstr(">door</a>"));
}

TEST_F(PagesTest, AreInTheOrderAskedFor) {
    put("b,room=alcove", "angle", kNow - kMinute, Value::of(1.0));
    put("a,room=bath", "angle", kNow - 2 * kMinute, Value::of(1.0));
    put("a,room=cellar", "angle", kNow - 3 * kHour, Value::of(1.0));
    const auto order = [&](const std::string& target) {
        const std::string html = body_of(page(target));
        std::vector<std::pair<std::size_t, std::string>> found;
        for (const char* name : {"alcove", "bath", "cellar"})
            found.emplace_back(html.find(std::string(">") + name + "</a>"), name);
        std::ranges::sort(found);
        return found[0].second + " " + found[1].second + " " + found[2].second;
    };
    EXPECT_EQ(order("/"), "bath cellar alcove");
    EXPECT_EQ(order("/?order=name"), "alcove bath cellar");
    EXPECT_EQ(order("/?order=age"), "alcove bath cellar");
    EXPECT_THAT(body_of(page("/")), HasSubstr("class=\"card stale\" data-sensor=\"a,room=cellar\""));
    EXPECT_THAT(body_of(page("/?order=name")), Not(HasSubstr("group-name")));
}

TEST_F(PagesTest, TellWhatChartsByScriptNeed) {
    put("climate,room=a/b", "temperature", kNow - 3 * kDay, Value::of(20.0));
    put("climate,room=a/b", "door", kNow, Value::of(true));
    const std::string html = page("/sensors/climate%2Croom%3Da%2Fb?range=1h").body;
    EXPECT_THAT(html, HasSubstr("data-chart-script=\"/static/chart-1.js\""));
    EXPECT_THAT(html, HasSubstr("data-chart-sensor=\"climate,room=a/b\""));
    EXPECT_THAT(html, HasSubstr("data-chart-range=\"1h\""));
    EXPECT_THAT(html, HasSubstr("data-chart-from=\"1795197600000\" data-chart-to=\"1795456800001\""));
    EXPECT_THAT(html, HasSubstr("data-title=\"Door\" data-unit=\"\" data-stepped>"));
    EXPECT_THAT(html, HasSubstr("data-title=\"Temperature\" data-unit=\"°C\" data-decimals=\"1\">"));
    EXPECT_THAT(html, HasSubstr("/api/v1/measurements?sensor=climate%2Croom%3Da%2Fb&amp;field=door&amp;"
                                "from=1795453200000&amp;to=1795456800001&amp;format=csv"));
}

TEST_F(PagesTest, OfferDeletionToTheSignedInOnly) {
    put("door", "angle", kNow, Value::of(1.0));
    EXPECT_THAT(as_signed_in("/sensors/door").body, HasSubstr("data-chart-select"));
    EXPECT_THAT(page("/sensors/door").body, Not(HasSubstr("data-chart-select")));
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
