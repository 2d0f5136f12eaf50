#include "web/api/picture_cache.hpp"

#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

std::shared_ptr<const Picture> some_picture(std::size_t bytes = 10) {
    return std::make_shared<const Picture>(std::string(bytes, 'x'), "tag");
}

TEST(PictureCache, KeepsThemUntilSomethingIsNew) {
    PictureCache cache;
    const auto labels = std::make_shared<const Labels>();
    const auto picture = some_picture();
    cache.keep("a", {1, labels}, picture);
    EXPECT_EQ(cache.find("a", {1, labels}), picture);
    EXPECT_EQ(cache.find("b", {1, labels}), nullptr);
    EXPECT_EQ(cache.find("a", {2, labels}), nullptr);
    EXPECT_EQ(cache.find("a", {1, labels}), nullptr) << "it is forgotten";
    cache.keep("a", {2, labels}, picture);
    EXPECT_EQ(cache.find("a", {2, std::make_shared<const Labels>()}), nullptr);
}

TEST(PictureCache, KeepsNoneThatWasOldWhenItCame) {
    PictureCache cache;
    cache.keep("b", {2, {}}, some_picture());
    cache.keep("a", {1, {}}, some_picture());
    EXPECT_EQ(cache.find("a", {2, {}}), nullptr);
    EXPECT_NE(cache.find("b", {2, {}}), nullptr);
}

TEST(PictureCache, StaysWithinItsBounds) {
    PictureCache cache;
    for (std::size_t i = 0; i <= PictureCache::kPicturesMax; ++i) cache.keep(std::to_string(i), {}, some_picture());
    EXPECT_EQ(cache.find("0", {}), nullptr);
    EXPECT_NE(cache.find("1", {}), nullptr);
    cache.keep("large", {}, some_picture(PictureCache::kBytesMax - 100));
    EXPECT_NE(cache.find("large", {}), nullptr);
    EXPECT_EQ(cache.find("2", {}), nullptr) << "the older ones make room";
    cache.keep("larger", {}, some_picture(PictureCache::kBytesMax));
    EXPECT_EQ(cache.find("larger", {}), nullptr);
    EXPECT_NE(cache.find("large", {}), nullptr);
}

}  // namespace
}  // namespace pomiar::web
