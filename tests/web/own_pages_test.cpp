#include "web/own_pages/own_pages.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "web/access/guard.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using access::Principal;
using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

// The files of a folder of the front end, by name.
std::vector<Embedded> texts_in(const std::string& folder) {
    static std::map<std::string, std::string> texts;
    std::vector<Embedded> table;
    for (const auto& file : std::filesystem::directory_iterator(POMIAR_SOURCE_DIR "/frontend/" + folder)) {
        std::ifstream in(file.path());
        const auto at =
            texts.insert_or_assign(file.path().filename(), std::string(std::istreambuf_iterator<char>(in), {})).first;
        table.push_back({at->first, at->second});
    }
    return table;
}

class OwnPagesTest : public WebFixture {
  protected:
    WebOptions web_options() override {
        static const std::vector<Embedded> templates = texts_in("templates");
        std::filesystem::create_directories(pages);
        return {.version = "0.1.0", .templates = templates, .pages_directory = pages};
    }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(pages + "/" + name + ".new") << text;
        std::filesystem::rename(pages + "/" + name + ".new", pages + "/" + name);
    }
    http::Response page(const std::string& name) {
        auto request = make(http::Method::get, "/pages/" + name);
        request.headers.add("Accept", "text/html");
        return ask(std::move(request));
    }
    http::Response as_owner(const std::string& name) {
        auto request = make(http::Method::get, "/pages/" + name);
        request.headers.add("Accept", "text/html");
        request.identity = Principal{Principal::Via::session, access::Can::admin, "", "", "proof"};
        return ask(std::move(request));
    }
    // What a page with that text in it is.
    std::string made(std::string_view text) {
        write("one.html", text);
        const auto response = page("one");
        EXPECT_EQ(response.status, 200) << body_of(as_owner("one"));
        return body_of(response);
    }
    // What its owner is told of a page that is at fault.
    std::string fault(std::string_view text) {
        write("one.html", text);
        const auto response = as_owner("one");
        EXPECT_EQ(response.status, 500) << body_of(response);
        EXPECT_THAT(body_of(page("one")), Not(HasSubstr("snippet")));
        const std::string html = body_of(response);
        const std::size_t start = html.find("<main");
        return html.substr(start, html.find("</main>") - start);
    }

    const std::string pages = directory.path() + "/pages";
};

TEST_F(OwnPagesTest, StandInTheFrame) {
    write("garden.html",
          "{# title: My garden #}{% extends \"page.html\" %}{% block content %}<b>{{ 1 + 1 }}</b>{% endblock %}");
    const auto response = page("garden");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.headers.get("Content-Security-Policy"), HasSubstr("default-src 'none'"));
    const std::string html = body_of(response);
    EXPECT_THAT(html, HasSubstr("<!doctype html>"));
    EXPECT_THAT(html, HasSubstr("<title>My garden · Pomiar</title>"));
    EXPECT_THAT(html, HasSubstr("data-live=\"/events\" data-own"));
    EXPECT_THAT(html, HasSubstr("<b>2</b>"));
    EXPECT_THAT(body_of(page("../")), Not(HasSubstr("data-own")));
}

TEST_F(OwnPagesTest, MayStandAlone) {
    EXPECT_EQ(made("<p>{{ page.title }} {{ page.pages | map(attribute='href') | join }}</p>"), "<p>One /pages/one</p>");
}

TEST_F(OwnPagesTest, AreListedByTitle) {
    EXPECT_EQ(made("x"), "x");
    write("z.html", "{#- title: Attic -#}");
    write("my_garden-2.html", "");
    write("_part.html", "");
    write("not a name.html", "");
    write("notes.txt", "");
    std::filesystem::create_directory(pages + "/folder.html");
    clock.advance(kSecond);
    const std::string list = "{% for p in page.pages %}{{ p.name }}={{ p.title }} {% endfor %}";
    EXPECT_EQ(made(list), "z=Attic my_garden-2=My garden 2 one=One ");
    std::filesystem::remove(pages + "/z.html");
    write("my_garden-2.html", "{# other #}\n{# title: <Beds> #}");
    EXPECT_EQ(made(list), "z=Attic my_garden-2=My garden 2 one=One ") << "looked at once a second";
    clock.advance(kSecond);
    EXPECT_EQ(made(list), "my_garden-2=&lt;Beds&gt; one=One ");
}

TEST_F(OwnPagesTest, AreListedUpToALimit) {
    for (std::size_t i = 0; i < OwnPageFiles::kPagesMax + 9; ++i) write("p" + std::to_string(i) + ".html", "");
    clock.advance(kSecond);
    EXPECT_EQ(made("{{ page.pages | length }}"), "64");
    // One that is not listed has nobody look through the directory for it, over and over.
    const std::string titles = "{{ page.pages | map(attribute='title') | join(' ') }}";
    write("unlisted.html", titles);
    EXPECT_THAT(body_of(page("unlisted")), Not(HasSubstr("Renamed")));
    write("p0.html", "{# title: Renamed #}");
    EXPECT_THAT(body_of(page("unlisted")), Not(HasSubstr("Renamed"))) << "looked at once a second";
    clock.advance(kSecond);
    EXPECT_THAT(body_of(page("unlisted")), HasSubstr("Renamed"));
}

TEST_F(OwnPagesTest, AreMadeSoManyAtATime) {
    write("one.html", "x");
    std::promise<void> go_on;
    store->read([wait = go_on.get_future().share()](storage::Snapshot*) { wait.wait(); });
    constexpr std::size_t kAsked = OwnPages::kMakingMax + 3;
    std::vector<std::future<int>> asked;
    for (std::size_t i = 0; i < kAsked; ++i)
        asked.push_back(std::async(std::launch::async, [this] { return page("one").status; }));
    const auto answered = [&] {
        return static_cast<std::size_t>(std::ranges::count_if(
            asked, [](const auto& one) { return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
    };
    while (answered() < kAsked - OwnPages::kMakingMax) std::this_thread::yield();
    EXPECT_EQ(answered(), kAsked - OwnPages::kMakingMax);
    go_on.set_value();
    std::map<int, std::size_t> by_status;
    for (auto& one : asked) ++by_status[one.get()];
    EXPECT_EQ(by_status, (std::map<int, std::size_t>{{200, OwnPages::kMakingMax}, {503, 3}}));
    EXPECT_EQ(page("one").status, 200);
}

TEST_F(OwnPagesTest, AreReadAgainWhenChanged) {
    write("_part.html", "one");
    EXPECT_EQ(made("{% include '_part.html' %} {% include 'pages/_part.html' %}"), "one one");
    write("_part.html", "two");
    EXPECT_EQ(body_of(page("one")), "two two");
    std::ofstream(pages + "/_part.html") << "in place";
    EXPECT_EQ(body_of(page("one")), "in place in place");
    std::filesystem::remove(pages + "/_part.html");
    EXPECT_EQ(page("one").status, 500);
    write("_part.html", "back");
    EXPECT_EQ(body_of(page("one")), "back back");
    std::filesystem::remove(pages + "/one.html");
    EXPECT_EQ(page("one").status, 404);
}

TEST_F(OwnPagesTest, AreOnlyWhatLiesInTheDirectory) {
    std::ofstream(directory.path() + "/secret.html") << "secret";
    std::filesystem::create_symlink(directory.path() + "/secret.html", pages + "/link.html");
    std::filesystem::create_directory(pages + "/folder.html");
    write("_part.html", "");
    ASSERT_EQ(::mkfifo((pages + "/pipe.html").c_str(), 0600), 0);
    for (const std::string name :
         {"none", "link", "folder", "pipe", "_part", "..%2fsecret", "%2e%2e%2fsecret", "one%00", "..", "a.b", "%ff"}) {
        EXPECT_EQ(page(name).status, 404) << name;
    }
    EXPECT_EQ(page(std::string(OwnPageFiles::kNameMax + 1, 'a')).status, 404);
    for (const std::string name :
         {"link.html", "../secret.html", "pages/../secret.html", "/etc/passwd", "pipe.html", "folder.html"}) {
        EXPECT_THAT(fault("{% include '" + name + "' %}"), Not(HasSubstr("<p>secret"))) << name;
        EXPECT_EQ(made("{% include '" + name + "' ignore missing %}-"), "-") << name;
    }
}

TEST_F(OwnPagesTest, AreOfABoundedSizeAndUtf8) {
    write("large.html", std::string(OwnPageFiles::kBytesMax, 'x'));
    EXPECT_EQ(page("large").status, 200);
    EXPECT_THAT(fault(std::string(OwnPageFiles::kBytesMax + 1, 'x')), HasSubstr("more than 256 KiB"));
    EXPECT_THAT(fault("a\xff"), HasSubstr("not text in UTF-8"));
}

TEST_F(OwnPagesTest, ShowFaultsToTheirOwnerOnly) {
    write("bad.html", "first\n{% if <script> %}\nthird");
    const auto mine = as_owner("bad");
    EXPECT_EQ(mine.status, 500);
    EXPECT_THAT(mine.body, HasSubstr("pages/bad.html, line 2"));
    EXPECT_THAT(
        mine.body,
        HasSubstr("<mark class=\"bg-alarm/10 font-semibold text-alarm\">    2 ▸ {% if &lt;script&gt; %}</mark>"));
    EXPECT_THAT(mine.body, HasSubstr("    1   first"));
    EXPECT_THAT(mine.body, Not(HasSubstr("<script>")));
    const auto others = page("bad");
    EXPECT_EQ(others.status, 500);
    EXPECT_THAT(body_of(others), HasSubstr("this page cannot be made"));
    EXPECT_THAT(body_of(others), Not(HasSubstr("first")));
    EXPECT_THAT(body_of(others), Not(HasSubstr("line 2")));
    auto request = make(http::Method::get, "/pages/bad");
    request.identity = Principal{Principal::Via::token, access::Can::read, "reader", "", ""};
    const auto program = ask(std::move(request));
    EXPECT_EQ(program.status, 500);
    EXPECT_THAT(body_of(program), Not(HasSubstr("endif")));
}

TEST_F(OwnPagesTest, NameThePlaceInAPart) {
    write("_part.html", "\n\n{{ query('door') }}");
    const std::string html = fault("{% include '_part.html' %}");
    EXPECT_THAT(html, HasSubstr("pages/_part.html, line 3"));
    EXPECT_THAT(html, HasSubstr("query() wants a text, or one of sensors() or its fields, as field"));
    EXPECT_THAT(html, HasSubstr("    3 ▸ {{ query(&#39;door&#39;) }}"));
}

TEST_F(OwnPagesTest, EndAtLimits) {
    EXPECT_THAT(fault("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}"),
                HasSubstr("100000"));
    EXPECT_THAT(fault("{{ 'x' * 1000000 }}"), HasSubstr("262144"));
    EXPECT_THAT(fault("{% for i in range(99) %}{{ 'x' * 200000 }}{% endfor %}"), HasSubstr("1048576"));
    EXPECT_THAT(fault("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), HasSubstr("40"));
    EXPECT_THAT(fault("{% include 'one.html' %}"), HasSubstr("40"));
    EXPECT_THAT(fault("{% extends 'pages/one.html' %}"), HasSubstr("pages/one.html"));
    EXPECT_THAT(fault("{{ range(10001) | list }}"), HasSubstr("10000"));
}

TEST_F(OwnPagesTest, RestAfterALimit) {
    write("_part.html", "x");
    const std::string bomb =
        "{% include '_part.html' %}{% for i in range(9) %}{% if i == 8 %}{{ 'x' * 1000000 }}{% endif %}{% endfor %}";
    EXPECT_THAT(fault(bomb), HasSubstr("262144"));
    EXPECT_EQ(as_owner("one").status, 500);
    write("one.html", "mended");
    EXPECT_EQ(body_of(page("one")), "mended");
}

TEST_F(OwnPagesTest, KnowTheSensors) {
    put("climate,room=hall", "temperature", kNow - 3 * kMinute, Value::of(20.5));
    put("climate,room=hall", "humidity", kNow, Value::of(std::int64_t{50}));
    put("door", "state", kNow, Value::of(std::string_view("<b>open</b>")));
    EXPECT_EQ(made("{% for s in sensors() %}{{ s.title }} {{ s.href }} {{ s.fields | map(attribute='name') | join(',') "
                   "}};{% endfor %}"),
              "door /sensors/door state;hall /sensors/climate%2Croom%3Dhall humidity,temperature;");
    EXPECT_EQ(made("{{ latest('climate,room=hall', 'temperature').value + 1 }}"), "21.5");
    EXPECT_EQ(made("{% set s = sensors() | last %}{% set r = latest(s, s.fields[1]) %}"
                   "{{ r.text }}|{{ r.unit }}|{{ r.age }}|{{ r.age_seconds }}|{{ r.time.ms }}"),
              "20.5|°C|3 min ago|180|1795456620000");
    EXPECT_EQ(
        made("{{ latest('climate,room=hall').humidity.value }} {{ latest('none') }} {{ latest('door', 'none') }}"),
        "50 None None");
    EXPECT_EQ(made("{{ latest('door', 'state').value }}"), "&lt;b&gt;open&lt;/b&gt;");
    EXPECT_THAT(fault("{{ latest() }}"), HasSubstr("latest() wants a text, or one of sensors()"));
    EXPECT_THAT(fault("{{ latest('a', 'b', 'c') }}"), HasSubstr("latest() takes at most 2 arguments: sensor, field"));
    EXPECT_THAT(fault("{{ latest('a', colour=1) }}"),
                HasSubstr("latest() has no argument colour; there are sensor, field"));
    EXPECT_THAT(fault("{{ latest('a', sensor='b') }}"), HasSubstr("latest() has sensor given twice"));
    EXPECT_THAT(fault("{{ sensors(1) }}"), HasSubstr("sensors() takes no arguments"));
    EXPECT_THAT(fault("{% for i in range(9999) %}{{ latest('a') }}{{ latest('a') }}{% endfor %}"),
                HasSubstr("at most 10000"));
}

TEST_F(OwnPagesTest, ShowOnlyWhatTheReaderMaySee) {
    put("garden,bed=1", "moisture", kNow, Value::of(30.0));
    put("door", "state", kNow, Value::of(std::string_view("open")));
    write("one.html",
          "{{ sensors() | length }}{{ latest('door') }}{{ latest('door', 'state') }}{{ value('door', 'state') }}"
          "{{ query('door', 'state', fn='last') }}{{ latest('garden,bed=1', 'moisture').value }}");
    auto request = make(http::Method::get, "/pages/one");
    request.identity = Principal{Principal::Via::token, access::Can::read, "gardener", "garden", ""};
    const auto response = ask(std::move(request));
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(body_of(response), HasSubstr("1NoneNone"));
    EXPECT_THAT(body_of(response), HasSubstr("[]30.0"));
    EXPECT_THAT(body_of(response), Not(HasSubstr("open")));
}

TEST_F(OwnPagesTest, Query) {
    for (int i = 0; i < 24; ++i) put("meter", "energy", kNow - i * kHour, Value::of(100.0 - i));
    EXPECT_EQ(made("{{ query('meter', 'energy', range='4h', points=2) | map(attribute='value') | join(' ') }}"),
              "97.5 99.5");
    EXPECT_EQ(made("{% set p = query('meter', 'energy', '24h', points=1, fn='min,max') | first %}{{ p.value }} {{ "
                   "p.min }} {{ p.max }}"),
              "77.0 77.0 100.0");
    EXPECT_EQ(
        made("{{ query('meter', 'energy', start=now().ms - 7200000, end=now(), points=1, fn='count')[0].value }}"),
        "2");
    EXPECT_EQ(made("{{ query('meter', 'energy', start='-2h', points=1, fn='count')[0].value }}"), "3");
    EXPECT_EQ(made("{{ query('none', 'energy') }}{{ query('meter', 'none', by='day') }}"), "[][]");
    EXPECT_EQ(
        made("{{ query('meter', 'energy', range='4h', points=4, fn='increase') | map(attribute='value') | list }}"),
        "[1.0, 1.0, 1.0, 1.0]");
    for (const std::string wrong :
         {"range='x'", "range=24", "points=0", "points=2001", "points='2'", "fn='median'", "by='minute'",
          "start='now', end='-1h'", "start='soon'", "start=[]", "range='-1d'", "range='forever'"}) {
        EXPECT_THAT(fault("{{ query('meter', 'energy', " + wrong + ") }}"), HasSubstr("query()")) << wrong;
    }
    EXPECT_THAT(fault("{{ query('meter', 'energy', range='90d', by='hour') }}"), HasSubstr("more than 400"));
    EXPECT_THAT(fault("{% for i in range(65) %}{{ query('meter', 'energy', points=1) }}{% endfor %}"),
                HasSubstr("at most 64"));
    put("door", "state", kNow, Value::of(std::string_view("open")));
    EXPECT_THAT(fault("{{ query('door', 'state') }}"), HasSubstr("needs numbers"));
    EXPECT_EQ(made("{{ query('door', 'state', points=1, fn='last')[0].value }}"), "open");
}

TEST_F(OwnPagesTest, QueryByDays) {
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    clock.set(1'793'016'000 * kSecond);  // 2026-10-26T12:00Z, the day after clocks went back
    for (int i = 0; i <= 72; ++i) put("meter", "energy", clock.now() - i * kHour, Value::of(100.0 - i));
    const std::string list = " | map(attribute='value') | list }} ";
    EXPECT_EQ(
        made("{{ query('meter', 'energy', range='3d', by='day', fn='increase')" + list +
             "{{ query('meter', 'energy', range='3d', by='day', fn='count')" + list +
             "{{ query('meter', 'energy', range='3d', by='day', fn='sum') | map(attribute='time') | join(' ') }}"),
        "[24.0, 25.0, 14.0] [24, 25, 14] 2026-10-24 00:00:00 2026-10-25 00:00:00 2026-10-26 00:00:00");
    EXPECT_EQ(
        made(
            "{{ query('meter', 'energy', start='2026-10-20', by='day', fn='mean') | map(attribute='value') | first }}"),
        "None");
    unsetenv("TZ");
    tzset();
}

TEST_F(OwnPagesTest, DrawCharts) {
    EXPECT_THAT(made("{{ chart('meter', 'power') }}"), HasSubstr("No readings in this range."));
    for (int i = 0; i < 60; ++i) put("meter", "power", kNow - i * kMinute, Value::of(100.0 + i));
    const std::string html = made("{{ chart('meter', 'power', range='2h', height=99, title='<i>') }}");
    EXPECT_THAT(html, HasSubstr("<path class=\"trace\" d=\"M"));
    EXPECT_THAT(html, HasSubstr("height=\"99\""));
    EXPECT_THAT(html, HasSubstr("&lt;i&gt;"));
    EXPECT_THAT(html, Not(HasSubstr("style=")));
    EXPECT_THAT(made("{{ chart('meter', 'power', 'all') }}"), HasSubstr("<path class=\"trace\" d=\"M"));
    EXPECT_THAT(fault("{{ chart('meter', 'power', height=5000) }}"),
                HasSubstr("chart() wants a whole number from 40 to 1000 as height"));
    EXPECT_THAT(fault("{{ chart('meter', 'power', 'long') }}"), HasSubstr("wants a range"));
    put("door", "state", kNow, Value::of(std::string_view("open")));
    EXPECT_THAT(fault("{{ chart('door', 'state') }}"), HasSubstr("is text"));
}

TEST_F(OwnPagesTest, DrawGauges) {
    put("soil,bed=\"1\"", "moisture", kNow, Value::of(25.0));
    const std::string html = made("{{ gauge('soil,bed=\"1\"', 'moisture', max=50) }}");
    EXPECT_THAT(html, HasSubstr("stroke-dasharray=\"50.0 200\""));
    EXPECT_THAT(html, HasSubstr("data-sensor=\"soil,bed=&#34;1&#34;\""));
    EXPECT_THAT(html, HasSubstr("data-field=\"moisture\" data-decimals=\"0\" data-min=\"0.0\" data-max=\"50.0\""));
    EXPECT_THAT(html, HasSubstr(">25</text>"));
    EXPECT_THAT(made("{{ gauge('soil,bed=\"1\"', 'moisture', min=30, max=50) }}"), HasSubstr("dasharray=\"0.0 200\""));
    EXPECT_THAT(made("{{ gauge('none', 'moisture') }}"), HasSubstr(">–</text>"));
    EXPECT_THAT(fault("{{ gauge('soil', 'moisture', min=5, max=5) }}"), HasSubstr("wants a min below the max"));
    EXPECT_THAT(fault("{{ gauge('soil', 'moisture', min='low') }}"), HasSubstr("wants a number as min"));
}

TEST_F(OwnPagesTest, MarkValuesForTheScript) {
    put("door", "angle", kNow, Value::of(12.5));
    EXPECT_EQ(made("{{ value('door', 'angle', unit='°') }}"),
              "<span data-sensor=\"door\"><span data-field=\"angle\"><span class=\"value\">12.5</span>"
              "<span class=\"unit\"> °</span></span></span>");
    put("door", "<script>", kNow, Value::of(std::string_view("<script>alert(1)</script>")));
    EXPECT_THAT(made("{{ value('door', '<script>') }}{{ gauge('none', '<script>') }}"), Not(HasSubstr("<script>")));
}

TEST_F(OwnPagesTest, TellTheTime) {
    setenv("TZ", "CET-1", 1);
    tzset();
    EXPECT_EQ(
        made("{{ now() }} {{ now().hour }} {{ now().weekday }} {{ now().date }} {{ now().clock }} {{ now().iso }}"),
        "2026-11-23 19:00:00 19 1 2026-11-23 19:00 2026-11-23T18:00:00Z");
    EXPECT_EQ(made("{{ format_time(now(), '%H:%M') }} {{ now().strftime('%d.%m.') }} {{ format_time(0) }} {{ "
                   "format_time('2026-11-23', '%T') }}"),
              "19:00 23.11. 1970-01-01 01:00 01:00:00");
    EXPECT_THAT(fault("{{ format_time(now(), '%Q') }}"), HasSubstr("%Q"));
    EXPECT_THAT(fault("{{ format_time() }}"), HasSubstr("wants a time first"));
    EXPECT_THAT(fault("{{ now().strftime() }}"), HasSubstr("strftime() takes one text"));
    unsetenv("TZ");
    tzset();
}

TEST_F(OwnPagesTest, HaveExamplesForAnyHouse) {
    const auto examples = texts_in("page-examples");
    ASSERT_EQ(examples.size(), 3u);
    const auto all_are_made = [&] {
        for (const Embedded& example : examples) {
            write(std::string(example.name), example.text);
            const auto response = as_owner(std::string(example.name.substr(0, example.name.find('.'))));
            EXPECT_EQ(response.status, 200) << response.body;
        }
    };
    all_are_made();  // without a reading
    put("door", "state", kNow, Value::of(std::string_view("open")));
    put("door", "open", kNow, Value::of(true));
    all_are_made();
    for (int i = 0; i < 3; ++i) {
        put("plug,device=tv", "energy", kNow - i * kDay, Value::of(10.0 - i));
        put("oven", "power", kNow - i * kDay, Value::of(1'000.0));
        put("rain,place=garden", "rain", kNow - i * kHour, Value::of(3.0 - i));
        put("climate,room=hall", "temperature", kNow - i * kHour, Value::of(20.0));
        put("soil,bed=1", "moisture", kNow - i * kHour, Value::of(30.0));
    }
    all_are_made();
    EXPECT_THAT(body_of(page("energy")), HasSubstr(">tv</a>"));
    EXPECT_THAT(body_of(page("garden")), HasSubstr("soil bed 1"));
    EXPECT_THAT(body_of(page("wall")), HasSubstr("hall"));
}

}  // namespace
}  // namespace pomiar::web::test
