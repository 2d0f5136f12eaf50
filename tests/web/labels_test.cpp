#include "web/words/labels.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace pomiar::web {
namespace {

using pomiar::test::TemporaryDirectory;
using testing::HasSubstr;

SensorLabel whole_label() {
    return {.title = "Hall „A”",
            .group = "Ground floor",
            .icon = "door",
            .place = 3,
            .hidden = true,
            .fields = {{"temperature", {.title = "Warmth", .unit = "°C", .decimals = 1, .hidden = false}},
                       {"state", {.title = "", .unit = "", .decimals = {}, .hidden = true}}}};
}

TEST(Labels, ComeBackAsTheyWere) {
    const Labels labels{{"climate,room=hall", whole_label()}, {"x", {.title = "y"}}};
    EXPECT_EQ(labels_from_json(to_json(labels)).value(), labels);
    EXPECT_EQ(labels_from_json(to_json({})).value(), Labels{});
}

TEST(Labels, TellNoCountFromNoOpinion) {
    const Labels labels{{"a", {.fields = {{"t", {.decimals = kAsNeeded}}}}}};
    EXPECT_THAT(to_json(labels), HasSubstr("\"decimals\":null"));
    EXPECT_EQ(labels_from_json(to_json(labels)).value(), labels);
}

TEST(Labels, FromBrokenTextsAreRefused) {
    const std::string good = to_json({{"climate,room=hall", whole_label()}});
    for (std::size_t size = 0; size + 1 < good.size(); ++size) EXPECT_FALSE(labels_from_json(good.substr(0, size)));
    for (const char* text :
         {R"({"version":2,"sensors":{}})", R"({"version":1,"sensors":[]})", R"({"version":1,"sensors":{"a":1}})",
          R"({"version":1,"sensors":{"a":{"title":1}}})", R"({"version":1,"sensors":{"a":{"place":10000}}})",
          R"({"version":1,"sensors":{"a":{"place":-1}}})", R"({"version":1,"sensors":{"a":{"hidden":"yes"}}})",
          R"({"version":1,"sensors":{"a":{"fields":{"t":{"decimals":7}}}}})",
          R"({"version":1,"sensors":{"a":{"fields":{"t":{"decimals":-1}}}}})"}) {
        const auto labels = labels_from_json(text);
        ASSERT_FALSE(labels) << text;
        EXPECT_EQ(labels.error().kind, ErrorKind::corrupt);
    }
}

TEST(Labels, HaveLimits) {
    EXPECT_TRUE(check_label({.title = std::string(60, 'x')}));
    EXPECT_THAT(check_label({.title = std::string(61, 'x')}).error().message, HasSubstr("longer than 60"));
    EXPECT_THAT(check_label({.group = "a\nb"}).error().message, HasSubstr("the group is not plain text"));
    EXPECT_THAT(check_label({.title = "\xff"}).error().message, HasSubstr("the name is not plain text"));
    EXPECT_THAT(check_label({.fields = {{"t", {.unit = "much too long"}}}}).error().message, HasSubstr("the unit"));
    EXPECT_THAT(check_label({.fields = {{"t", {.decimals = 7}}}}).error().message, HasSubstr("from 0 to 6"));
}

TEST(LabelBook, KeepsThemOnTheCard) {
    const TemporaryDirectory directory;
    LabelBook book(real_file_system(), directory.path());
    ASSERT_TRUE(book.load()) << "there is no file yet";
    const std::uint64_t before = book.version();
    ASSERT_TRUE(book.set("climate,room=hall", whole_label()));
    EXPECT_NE(book.version(), before);
    LabelBook again(real_file_system(), directory.path());
    ASSERT_TRUE(again.load());
    ASSERT_NE(find(*again.current(), "climate,room=hall"), nullptr);
    EXPECT_EQ(*find(*again.current(), "climate,room=hall"), whole_label());
    EXPECT_EQ(find(*again.current(), "other"), nullptr);
}

TEST(LabelBook, AnEmptyLabelTakesItAway) {
    LabelBook book;
    ASSERT_TRUE(book.set("a", {.title = "A"}));
    const auto held = book.current();
    ASSERT_TRUE(book.set("a", {.fields = {{"t", {}}}}));
    EXPECT_TRUE(book.current()->empty());
    EXPECT_EQ(held->size(), 1u) << "who has them keeps them";
}

TEST(LabelBook, TakesNoNamesThatItCouldNotReadAgain) {
    LabelBook book;
    EXPECT_FALSE(book.set("\xff", {.title = "A"}));
    EXPECT_FALSE(book.set("a", {.fields = {{"\xff", {.title = "A"}}}}));
    EXPECT_TRUE(book.current()->empty());
}

TEST(LabelBook, RefusesWhatIsWrongAndKeepsWhatWas) {
    LabelBook book;
    ASSERT_TRUE(book.set("a", {.title = "A"}));
    EXPECT_FALSE(book.set("a", {.title = std::string(61, 'x')}));
    EXPECT_EQ(find(*book.current(), "a")->title, "A");
    for (std::size_t i = 1; i < kLabelledSensorsMax; ++i) ASSERT_TRUE(book.set(std::to_string(i), {.title = "x"}));
    EXPECT_EQ(book.set("one more", {.title = "x"}).error().kind, ErrorKind::full);
}

TEST(LabelBook, IsNoLargerThanItsFileMayBe) {
    SensorLabel large;
    for (std::size_t i = 0; i < kLabelledFieldsMax; ++i) {
        large.fields.emplace(std::to_string(i) + std::string(50, 'f'), FieldLabel{.title = std::string(60, 't')});
    }
    LabelBook book;
    std::size_t sensors = 0;
    Result<> last;
    for (; last && sensors < kLabelledSensorsMax; ++sensors) last = book.set(std::to_string(sensors), large);
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, ErrorKind::full);
    EXPECT_EQ(book.current()->size(), sensors - 1);
    const std::string text = to_json(*book.current());
    EXPECT_LE(text.size(), kLabelFileBytesMax);
    const TemporaryDirectory directory;
    std::ofstream(directory.path() + "/labels.json") << text;
    EXPECT_TRUE(LabelBook(real_file_system(), directory.path()).load()) << "what was taken can be read again";
    std::ofstream(directory.path() + "/labels.json") << text << std::string(kLabelFileBytesMax - text.size() + 1, ' ');
    EXPECT_EQ(LabelBook(real_file_system(), directory.path()).load().error().kind, ErrorKind::too_large);
}

TEST(LabelBook, ADamagedFileIsNamed) {
    const TemporaryDirectory directory;
    std::ofstream(directory.path() + "/labels.json") << "{";
    LabelBook book(real_file_system(), directory.path());
    const auto loaded = book.load();
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message, HasSubstr("labels.json"));
    EXPECT_TRUE(book.current()->empty());
    ASSERT_TRUE(book.set("a", {.title = "A"}));
    std::ifstream aside(directory.path() + "/labels.json.damaged");
    std::string text;
    aside >> text;
    EXPECT_EQ(text, "{") << "what can be mended by hand is not lost";
    LabelBook again(real_file_system(), directory.path());
    EXPECT_TRUE(again.load());
}

}  // namespace
}  // namespace pomiar::web
