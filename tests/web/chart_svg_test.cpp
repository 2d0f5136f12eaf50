#include "web/api/chart_svg.hpp"

#include <chrono>
#include <future>

#include <gmock/gmock.h>

#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

std::string escaped(std::string_view text) {
    std::string out;
    append_xml_text(out, text);
    return out;
}

TEST(XmlText, HasNothingThatIsMarkupOrNoCharacter) {
    EXPECT_EQ(escaped("<a b=\"c\" d='e'>&amp;"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
    EXPECT_EQ(escaped(std::string_view("a\0b\x01\x1f\t\n", 7)), "a\uFFFDb\uFFFD\uFFFD\t\n");
    EXPECT_EQ(escaped("\uFFFE\uFFFFé𝄞"), "\uFFFD\uFFFDé𝄞");
    EXPECT_EQ(escaped("]]>"), "]]&gt;");
}

TEST(SvgFrame, PanelsLieOneBelowTheOther) {
    const SvgPicture picture{
        .title = {}, .range = {}, .width = 400, .height = 228, .theme = SvgTheme::light, .panels = {}};
    const auto first = svg_frame(picture, 0, 2);
    const auto second = svg_frame(picture, 1, 2);
    EXPECT_EQ(second.top - first.top, 100);
    EXPECT_GT(first.height, 0);
    EXPECT_LT(second.top + second.height, 228);
    EXPECT_LT(first.left + first.width, 400);
}

class ChartSvg : public WebFixture {
  protected:
    void put_some() {
        for (int i = 0; i < 60; ++i) {
            const Nanoseconds time = kNow - i * kMinute;
            put("climate,room=hall", "temperature", time, Value::of(20 + i % 10 * 0.3));
            put("climate,room=hall", "open", time, Value::of(i % 7 == 0));
        }
        put("climate,room=hall", "note", kNow, Value::of(std::string_view("<half> & \"open\"")));
    }
    static std::size_t count(std::string_view text, std::string_view part) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++found;
        return found;
    }
};

TEST_F(ChartSvg, HasAllFieldsOneBelowTheOther) {
    put_some();
    const auto response = get("/chart.svg?sensor=climate,room%3Dhall");
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.get("Content-Type"), "image/svg+xml");
    EXPECT_EQ(response.headers.get("Cross-Origin-Resource-Policy"), "cross-origin");
    EXPECT_EQ(response.headers.get("Cache-Control"), "private, max-age=45");
    EXPECT_THAT(response.body, HasSubstr("width=\"640\" height=\"538\""));
    EXPECT_EQ(count(response.body, "<path class=\"l\""), 2u);
    EXPECT_EQ(count(response.body, "<path class=\"m\""), 2u);
    EXPECT_THAT(response.body, HasSubstr(">20.0 °C</text>"));
    EXPECT_THAT(response.body, HasSubstr("&lt;half&gt; &amp; &quot;open&quot;"));
    EXPECT_THAT(response.body, HasSubstr("prefers-color-scheme:dark"));
}

TEST_F(ChartSvg, ShowsOneFieldInTheSizeAndColoursAskedFor) {
    put_some();
    const std::string body =
        get("/chart.svg?sensor=climate,room%3Dhall&field=temperature&range=1h&width=200&height=108&theme=dark").body;
    EXPECT_THAT(body, HasSubstr("width=\"200\" height=\"108\""));
    EXPECT_EQ(count(body, "<path class=\"l\""), 1u);
    EXPECT_THAT(body, HasSubstr("#141a23"));
    EXPECT_THAT(body, Not(HasSubstr("#0f766e")));
    EXPECT_THAT(body, Not(HasSubstr("prefers-color-scheme")));
}

TEST_F(ChartSvg, IsDrawnOnceUntilSomethingIsNew) {
    put_some();
    const std::string path = "/chart.svg?sensor=climate,room%3Dhall&field=temperature";
    const auto first = get(path);
    std::promise<void> go_on;
    store->read([wait = go_on.get_future().share()](storage::Snapshot*) { wait.wait(); });
    const auto again = get(path);  // though nobody can read
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.headers.get("ETag"), first.headers.get("ETag"));
    auto other = std::async(std::launch::async, [&] { return get(path + "&width=300"); });
    EXPECT_EQ(other.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    go_on.set_value();
    EXPECT_NE(other.get().body, first.body);
    put("climate,room=hall", "temperature", kNow + kSecond, Value::of(35.5));
    EXPECT_THAT(get(path).body, HasSubstr(">35.5 °C</text>"));
}

TEST_F(ChartSvg, SaysWhereThereIsNothing) {
    put("old", "f", kNow - 30 * kDay, Value::of(1.0));
    const auto response = get("/chart.svg?sensor=old&range=1h");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr(">no readings</text>"));
    EXPECT_EQ(count(response.body, "<path class=\"l\""), 0u);
    EXPECT_EQ(count(get("/chart.svg?sensor=old&range=all").body, "<path class=\"l\""), 1u);
}

TEST_F(ChartSvg, IsNotSentTwice) {
    put_some();
    const std::string address = "/chart.svg?sensor=climate,room%3Dhall";
    auto again = make(http::Method::get, address);
    again.headers.add("If-None-Match", get(address).headers.get("ETag"));
    EXPECT_EQ(ask(again).status, 304);
    clock.advance(kSecond);
    EXPECT_EQ(ask(again).status, 304);
    put("climate,room=hall", "temperature", kNow + kSecond, Value::of(90.0));
    EXPECT_EQ(ask(again).status, 200);
}

TEST_F(ChartSvg, NamesWhatIsWrong) {
    put_some();
    for (int i = 0; i < 21; ++i) put("many", "f" + std::to_string(i), kNow, Value::of(1.0));
    const auto expect_refused = [&](std::string_view query, int status, std::string_view detail) {
        const auto response = get("/chart.svg" + std::string(query));
        EXPECT_EQ(response.status, status) << query;
        EXPECT_THAT(response.body, HasSubstr(detail)) << query;
    };
    const std::string hall = "?sensor=climate,room%3Dhall";
    expect_refused("", 400, "sensor: is missing");
    expect_refused("?sensor=attic", 404, "there is no `attic`");
    expect_refused(hall + "&field=x", 404, "has no `x`");
    expect_refused(hall + "&range=2h", 400, "range: must be one of 1h, 6h, 24h");
    expect_refused(hall + "&theme=pink", 400, "theme: must be one of light, dark, auto");
    expect_refused(hall + "&width=199", 400, "width: must be a whole number from 200 to 2000");
    expect_refused(hall + "&width=2001", 400, "width: must be");
    expect_refused(hall + "&height=4001", 400, "height: must be a whole number from 108 to 4000");
    expect_refused(hall + "&height=-1", 400, "height: must be");
    expect_refused(hall + "&height=200", 400, "height: 3 fields need at least 268");
    expect_refused(hall + "&colour=red", 400, "colour: is not a parameter here");
    expect_refused("?sensor=many", 400, "has 21 fields, at most 20");
}

}  // namespace
}  // namespace pomiar::web::test
