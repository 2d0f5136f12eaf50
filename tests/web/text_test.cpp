#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "web/api/csv_download.hpp"
#include "web/api/csv_text.hpp"
#include "web/api/json_text.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

using storage::Value;

std::string json(const Value& value) {
    std::string out = "x";
    append_json_value(out, value);
    return out.substr(1);
}

TEST(JsonText, KeepsNumbersExact) {
    EXPECT_EQ(json(Value::of(0.1)), "0.1");
    EXPECT_EQ(json(Value::of(-0.0)), "-0");
    EXPECT_EQ(json(Value::of(1e300)), "1e+300");
    EXPECT_EQ(json(Value::of(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
    EXPECT_EQ(json(Value::of(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
    EXPECT_EQ(json(Value::of(static_cast<double>(NAN))), "null");
    EXPECT_EQ(json(Value::of(static_cast<double>(-INFINITY))), "null");
    EXPECT_EQ(json(Value::of(false)), "false");
}

TEST(JsonText, EscapesStrings) {
    EXPECT_EQ(json(Value::of(std::string_view("a\"b\\c\n\x01\x7f é 😀"))), "\"a\\\"b\\\\c\\u000a\\u0001\x7f é 😀\"");
    EXPECT_EQ(json(Value::of(std::string_view("\xff"
                                              "a\xc3"))),
              "\"\xEF\xBF\xBD"
              "a\xEF\xBF\xBD\"");
    EXPECT_EQ(json(Value::of(std::string_view())), "\"\"");
}

TEST(JsonText, WritesMilliseconds) {
    const auto text = [](Nanoseconds time) {
        std::string out;
        append_milliseconds(out, time);
        return out;
    };
    EXPECT_EQ(text(0), "0");
    EXPECT_EQ(text(1'500'000), "1.5");
    EXPECT_EQ(text(-1), "-0.000001");
    EXPECT_EQ(text(-2'000'000), "-2");
    EXPECT_EQ(text(1'763'920'800'000'000'010), "1763920800000.00001");
    EXPECT_EQ(text(std::numeric_limits<Nanoseconds>::min()), "-9223372036854.775808");
}

TEST(CsvText, WritesCells) {
    const auto cell = [](const Value& value) {
        std::string out;
        append_csv_value(out, value);
        return out;
    };
    EXPECT_EQ(cell(Value::of(std::string_view("a,b"))), "\"a,b\"");
    EXPECT_EQ(cell(Value::of(21.5)), "21.5");
    EXPECT_EQ(cell(Value::of(std::int64_t{-7})), "-7");
    EXPECT_EQ(cell(Value::of(static_cast<double>(NAN))), "");
}

TEST(Display, ShowsValuesShortly) {
    EXPECT_EQ(value_text(Value::of(21.400000001)), "21.4");
    EXPECT_EQ(value_text(Value::of(1234567.8)), "1234568");
    EXPECT_EQ(value_text(Value::of(-0.0)), "0");
    EXPECT_EQ(value_text(Value::of(1e-7)), "1e-07");
    EXPECT_EQ(value_text(Value::of(1e300)), "1e+300");
    EXPECT_EQ(value_text(Value::of(std::int64_t{-12345678901})), "-12345678901");
    EXPECT_EQ(value_text(Value::of(true)), "on");
    EXPECT_EQ(value_text(Value::of(false)), "off");
    std::string umlauts;
    for (int i = 0; i < 81; ++i) umlauts += "ü";
    EXPECT_EQ(value_text(Value::of(std::string_view(umlauts))), umlauts.substr(0, 160) + "…");
    EXPECT_EQ(value_text(Value::of(std::string_view(umlauts).substr(2))), umlauts.substr(2));
}

TEST(Display, TellsAgesInTheStepsOfTheScript) {
    const Nanoseconds now = 1'795'456'800 * kSecond;
    const auto age = [&](Nanoseconds length) { return age_text(now - length, now); };
    EXPECT_EQ(age(-kHour), "now");
    EXPECT_EQ(age(5 * kSecond - 1), "now");
    EXPECT_EQ(age(5 * kSecond), "5 s ago");
    EXPECT_EQ(age(59 * kSecond + 999 * kMillisecond), "59 s ago");
    EXPECT_EQ(age(kMinute), "1 min ago");
    EXPECT_EQ(age(kHour - 1), "59 min ago");
    EXPECT_EQ(age(kHour), "1 h ago");
    EXPECT_EQ(age(48 * kHour - 1), "47 h ago");
    EXPECT_EQ(age(48 * kHour), "2 days ago");
    EXPECT_EQ(age_text(std::numeric_limits<Nanoseconds>::min(), now), "127532 days ago");
}

TEST(Display, GuessesUnits) {
    EXPECT_EQ(unit_of("temperature"), "°C");
    EXPECT_EQ(unit_of("Outdoor_Temperature"), "°C");
    EXPECT_EQ(unit_of("temp"), "°C");
    EXPECT_EQ(unit_of("template"), "");
    EXPECT_EQ(unit_of("battery"), "%");
    EXPECT_EQ(unit_of("battery_voltage"), "V");
    EXPECT_EQ(unit_of("state"), "");
}

TEST(Display, NamesSensorsForPeople) {
    const storage::Sensor tagged{"climate", {{"floor", "1"}, {"room", "kitchen"}}};
    EXPECT_EQ(sensor_title(tagged), "kitchen");
    EXPECT_EQ(sensor_subtitle(tagged), "climate · floor 1");
    const storage::Sensor plain{"door", {}};
    EXPECT_EQ(sensor_title(plain), "door");
    EXPECT_EQ(sensor_subtitle(plain), "");
    const storage::Sensor untitled{"home", {{"floor", "2"}}};
    EXPECT_EQ(sensor_title(untitled), "floor 2");
    EXPECT_EQ(sensor_subtitle(untitled), "home");
    const storage::Sensor only{"plug", {{"device", "boiler"}}};
    EXPECT_EQ(sensor_title(only), "boiler");
    EXPECT_EQ(sensor_subtitle(only), "plug");
    const storage::Sensor several{"meter", {{"phase", "1"}, {"side", "left"}}};
    EXPECT_EQ(sensor_title(several), "meter");
    EXPECT_EQ(sensor_subtitle(several), "phase 1 · side left");
}

TEST(CsvAttachment, HasANameThatAnyFileSystemTakes) {
    EXPECT_EQ(csv_attachment("climate,room=living\\ room", "temperature"),
              "attachment; filename=\"climate-room-living-room-temperature.csv\"");
    EXPECT_EQ(csv_attachment("", ""), "attachment; filename=\"measurements.csv\"");
    EXPECT_EQ(csv_attachment("", "pm2.5"), "attachment; filename=\"pm2.5.csv\"");
    EXPECT_EQ(csv_attachment("../\"a\"\r\n;x", ""), "attachment; filename=\"..-a-x.csv\"");
    EXPECT_EQ(csv_attachment("łąka,n=1", ""),
              "attachment; filename=\"ka-n-1.csv\"; filename*=UTF-8''%C5%82%C4%85ka-n-1.csv");
    EXPECT_LT(csv_attachment(std::string(4'000, 'a'), std::string(4'000, 'b')).size(), 140u);
}

}  // namespace
}  // namespace pomiar::web
