#include "feeds/house.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace pomiar::feeds {
namespace {

std::string hour(std::uint32_t seed) {
    House house(seed);
    std::string out;
    for (Nanoseconds t = 0; t < kHour; t += House::kPeriod) {
        for (std::size_t device = 0; device < House::kDevices; ++device) house.report(device, t, out);
    }
    return out;
}

TEST(House, HasFiftySensorsThatReportOncePerPeriod) {
    const std::string text = hour(1);
    std::set<std::string, std::less<>> sensors;
    std::size_t lines = 0;
    for (std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        ++lines;
        // Names have escaped spaces: the last two spaces of a line separate it.
        const auto time_at = line.rfind(' ');
        sensors.emplace(line.substr(0, line.rfind(' ', time_at - 1)));
    }
    EXPECT_EQ(sensors.size(), House::kDevices * House::kSensorsPerDevice);
    EXPECT_EQ(lines, sensors.size() * static_cast<std::size_t>(kHour / House::kPeriod));
}

TEST(House, IsTheSameForTheSameSeed) {
    EXPECT_EQ(hour(1), hour(1));
    EXPECT_NE(hour(1), hour(2));
}

}  // namespace
}  // namespace pomiar::feeds
