#include "base/kernel_text.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace pomiar {
namespace {

TEST(KernelText, IsReadThoughItHasNoSize) {
    EXPECT_EQ(std::filesystem::file_size("/proc/self/status"), 0u);
    EXPECT_TRUE(kernel_text("/proc/self/status").starts_with("Name:"));
    EXPECT_EQ(kernel_text("/proc/self/nothing"), "");
}

TEST(KernelText, HasWords) {
    EXPECT_EQ(words(" a \tb\t\tc"), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_TRUE(words(" \t").empty());
}

TEST(KernelText, TellsSizesByName) {
    constexpr std::string_view kText = "Rss:   9000 kB\nPss_Dirty: 1 kB\nPss:\t  7168 kB\nBroken: many kB\nBare: 12\n";
    EXPECT_EQ(parse_kernel_size(kText, "Pss"), std::uint64_t{7} << 20);
    EXPECT_EQ(parse_kernel_size(kText, "Rss"), 9000u * 1024);
    EXPECT_FALSE(parse_kernel_size(kText, "Broken"));
    EXPECT_FALSE(parse_kernel_size(kText, "Bare"));
    EXPECT_FALSE(parse_kernel_size(kText, "Size"));
}

TEST(KernelText, TellsTheSharesOfAProcessOrAllOfIt) {
    const test::TemporaryDirectory directory;
    EXPECT_FALSE(memory_of_process(directory.path()));
    std::filesystem::create_directories(directory.path() + "/proc/self");
    std::ofstream(directory.path() + "/proc/self/status") << "Name: pomiar\nVmRSS:\t    2048 kB\n";
    EXPECT_EQ(memory_of_process(directory.path()), std::uint64_t{2} << 20);
    std::ofstream(directory.path() + "/proc/self/smaps_rollup") << "Rss: 2048 kB\nPss: 1024 kB\n";
    EXPECT_EQ(memory_of_process(directory.path()), std::uint64_t{1} << 20);
    EXPECT_TRUE(memory_of_process());
}

}  // namespace
}  // namespace pomiar
