#include "query/function.hpp"

#include <gtest/gtest.h>

namespace pomiar::query {
namespace {

TEST(Functions, AreReadInTheOrderAskedAndOnce) {
    using enum Function;
    EXPECT_EQ(parse_functions("mean").value(), (std::vector{mean}));
    EXPECT_EQ(parse_functions("last, rate,last").value(), (std::vector{last, rate}));
    EXPECT_EQ(parse_functions("max,minmax,count").value(), (std::vector{max, min, count}));
}

TEST(Functions, WrongOnesAreNamed) {
    for (const std::string_view text : {"", "avg", "mean,", "MEAN", "mean;max", "minmax2"}) {
        const auto parsed = parse_functions(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
        EXPECT_TRUE(parsed.error().message.starts_with("fn: `")) << parsed.error().message;
        EXPECT_NE(parsed.error().message.find("minmax"), std::string::npos);
    }
}

TEST(Functions, OfTextAreCountFirstAndLast) {
    const storage::SeriesInfo words{1, "door,room=hall", "state", storage::SeriesType::text};
    const storage::SeriesInfo numbers{2, "door", "angle", storage::SeriesType::number};
    using enum Function;
    for (const Function function : {mean, min, max, first, last, sum, count, rate}) {
        EXPECT_TRUE(check_functions({function}, numbers));
        const bool holds = function == first || function == last || function == count;
        EXPECT_EQ(check_functions({function}, words).has_value(), holds) << name(function);
    }
    EXPECT_EQ(check_functions({count, mean}, words).error().message,
              "fn: `mean` needs numbers, but field `state` of sensor `door,room=hall` holds text; "
              "use count, first or last");
}

}  // namespace
}  // namespace pomiar::query
