#include "storage/sensor.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

using Tags = std::vector<std::pair<std::string, std::string>>;

struct RightCase {
    Sensor sensor;
    std::string text;
};

TEST(Sensor, HasOneCanonicalTextAndComesBackFromIt) {
    const RightCase cases[] = {
        {{"climate", {}}, "climate"},
        {{"climate", {{"room", "kitchen"}, {"floor", "1"}}}, "climate,floor=1,room=kitchen"},
        {{"a b,c=d", {{"k=1", "v,2 x"}}}, R"(a\ b\,c=d,k\=1=v\,2\ x)"},
        {{R"(a\b)", {{R"(c\d)", R"(\e)"}}}, R"(a\b,c\d=\e)"},
        {{R"(a\ b)", {{R"(k\=)", R"(v\,w)"}}}, R"(a\\ b,k\\==v\\,w)"},
        {{R"(C:\new\table)", {}}, R"(C:\new\table)"},
        {{"\"quoted\"", {{"\"", "'"}}}, "\"quoted\",\"='"},
        {{"küche", {{"größe", "10 m²"}}}, R"(küche,größe=10\ m²)"},
        {{"a#", {{"#", "#"}}}, "a#,#=#"},
    };
    for (const auto& [sensor, text] : cases) {
        const auto written = canonical(sensor);
        ASSERT_TRUE(written) << written.error().message;
        EXPECT_EQ(*written, text);
        const auto read = parse_sensor(text);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(canonical(*read).value(), text);
        EXPECT_EQ(read->measurement, sensor.measurement);
        EXPECT_EQ(read->tags.size(), sensor.tags.size());
    }
}

TEST(Sensor, RefusesNamesThatCannotBeWritten) {
    const struct {
        Sensor sensor;
        std::string message;
    } cases[] = {
        {{"", {}}, "the measurement is empty"},
        {{"m", {{"", "v"}}}, "the key of a tag is empty"},
        {{"m", {{"k", ""}}}, "the value of tag \"k\" is empty"},
        {{"m\\", {}}, "the measurement \"m\\\" ends in a backslash"},
        {{"m", {{"k", "v\\"}}}, "the value of tag \"k\" \"v\\\" ends in a backslash"},
        {{"#m", {}}, "the measurement starts with \"#\", which marks a comment"},
        {{"a\nb", {}}, "the measurement holds the control character 0x0a at byte 2"},
        {{std::string("a\0b", 3), {}}, "the measurement holds the control character 0x00 at byte 2"},
        {{"m", {{"k", "\x7f"}}}, "the value of tag \"k\" holds the control character 0x7f at byte 1"},
        {{"m\xff", {}}, "the measurement is not UTF-8"},
        {{"m", {{"k", "1"}, {"a", "2"}, {"k", "3"}}}, "tag \"k\" is there twice"},
        {{std::string(4097, 'm'), {}}, "the name of a sensor has 4097 bytes, 4096 are allowed"},
    };
    for (const auto& [sensor, message] : cases) {
        const auto written = canonical(sensor);
        ASSERT_FALSE(written) << message;
        EXPECT_EQ(written.error().message, message);
    }
    Sensor many{"m", {}};
    for (int i = 0; i < 65; ++i) many.tags.emplace_back("k" + std::to_string(i), "v");
    EXPECT_EQ(canonical(many).error().message, "a sensor has 65 tags, 64 are allowed");
    EXPECT_EQ(canonical(many).error().kind, ErrorKind::too_large);
}

TEST(Sensor, TextsOfAnotherFormAreRefusedWithThePosition) {
    const struct {
        std::string text;
        std::string message;
    } cases[] = {
        {"", "the measurement is empty"},
        {",a=b", "the measurement is empty"},
        {"a b", R"(sensor "a b": expected "," or the end; a space in a name is written "\ " at byte 2)"},
        {"a,", "sensor \"a,\": expected the key of a tag at byte 3"},
        {"a,b", "sensor \"a,b\": expected \"=\" after the key of a tag at byte 4"},
        {"a,b=", "sensor \"a,b=\": expected the value of a tag at byte 5"},
        {"a,=b", "sensor \"a,=b\": expected the key of a tag at byte 3"},
        {"a,b=c=d", R"(sensor "a,b=c=d": expected "," or the end; a space in a name is written "\ " at byte 6)"},
        {"a,b=c,b=d", "tag \"b\" is there twice"},
    };
    for (const auto& [text, message] : cases) {
        const auto read = parse_sensor(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().message, message);
    }
}

TEST(Sensor, UnsortedTagsAreTakenAndSorted) {
    const auto read = parse_sensor("m,z=1,a=2");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tags, (Tags{{"a", "2"}, {"z", "1"}}));
}

TEST(Sensor, FieldsFollowTheRulesOfKeys) {
    EXPECT_TRUE(check_field("temperature"));
    EXPECT_TRUE(check_field("a b,c=d\"e"));
    EXPECT_FALSE(check_field(""));
    EXPECT_FALSE(check_field("a\\"));
    EXPECT_FALSE(check_field("a\tb"));
    EXPECT_FALSE(check_field("\xc3"));
    EXPECT_TRUE(check_field(std::string(kFieldBytesMax, 'f')));
    EXPECT_EQ(check_field(std::string(kFieldBytesMax + 1, 'f')).error().kind, ErrorKind::too_large);
}

std::string random_name(std::mt19937_64& random) {
    constexpr std::string_view kAlphabet = "ab,= \\\"#n'";
    std::string name;
    for (auto length = 1 + random() % 6; length > 0; --length) name += kAlphabet[random() % kAlphabet.size()];
    return name;
}

TEST(Sensor, ManyRandomNamesComeBackExactlyAndApart) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20'000; ++i) {
        Sensor sensor{random_name(random), {}};
        for (auto tags = random() % 4; tags > 0; --tags)
            sensor.tags.emplace_back(random_name(random), random_name(random));
        const auto text = canonical(sensor);
        if (!text) continue;
        const auto read = parse_sensor(*text);
        ASSERT_TRUE(read) << *text << ": " << read.error().message;
        std::sort(sensor.tags.begin(), sensor.tags.end());
        ASSERT_EQ(*read, sensor) << *text;
    }
}

}  // namespace
}  // namespace pomiar::storage
