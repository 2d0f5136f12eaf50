#include "web/words/naming.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

using testing::HasSubstr;

TEST(Naming, GuessesFromNamesAndTags) {
    const auto naming = name_sensor("climate,floor=1,room=kitchen", nullptr, english());
    EXPECT_EQ(naming.title, "kitchen");
    EXPECT_EQ(naming.subtitle, "climate · floor 1");
    EXPECT_EQ(naming.group, "Climate");
    EXPECT_EQ(naming.icon, "thermometer");
    EXPECT_EQ(name_sensor("soil,bed=2", nullptr, english()).title, "bed 2");
    EXPECT_EQ(name_sensor("unheard_of", nullptr, english()).group, "Unheard of");
    EXPECT_EQ(name_sensor("unheard_of", nullptr, english()).icon, "gauge");
}

TEST(Naming, GuessesUnitsAndDecimals) {
    const auto temperature = name_field("outdoor_temperature", nullptr, english());
    EXPECT_EQ(temperature.title, "Outdoor temperature");
    EXPECT_EQ(temperature.unit, "°C");
    EXPECT_EQ(temperature.decimals, 1);
    const auto memory = name_field("memory_available_mib", nullptr, english());
    EXPECT_EQ(memory.title, "Memory available");
    EXPECT_EQ(memory.unit, "MiB");
    EXPECT_EQ(memory.decimals, 1);
    EXPECT_EQ(name_field("_mib", nullptr, english()).title, " mib");
    EXPECT_EQ(name_field("state", nullptr, english()).unit, "");
    EXPECT_EQ(name_field("state", nullptr, english()).decimals, std::nullopt);
}

TEST(Naming, TakesTheOwnersWord) {
    const SensorLabel label{
        .title = "Kitchen",
        .group = "Ground floor",
        .icon = "drop",
        .place = 2,
        .fields = {{"temperature", {.title = "Warmth", .unit = "", .decimals = 3}}, {"humidity", {.unit = "g/m³"}}}};
    const auto naming = name_sensor("climate,room=kitchen", &label, english());
    EXPECT_EQ(naming.title, "Kitchen");
    EXPECT_EQ(naming.group, "Ground floor");
    EXPECT_EQ(naming.icon, "drop");
    EXPECT_EQ(naming.place, 2);
    const auto field = name_field("temperature", &label, english());
    EXPECT_EQ(field.title, "Warmth");
    EXPECT_EQ(field.unit, "") << "none, though one is guessed";
    EXPECT_EQ(field.decimals, 3);
    EXPECT_EQ(name_field("humidity", &label, english()).decimals, std::nullopt) << "of another unit";
}

TEST(Naming, KnowsThePicturesThereAre) {
    std::ifstream in(POMIAR_SOURCE_DIR "/frontend/static/icons.svg");
    const std::string svg(std::istreambuf_iterator<char>(in), {});
    for (const std::string_view icon : icon_names()) EXPECT_THAT(svg, HasSubstr("id=\"" + std::string(icon) + "\""));
}

}  // namespace
}  // namespace pomiar::web
