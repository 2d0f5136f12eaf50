// Configurations as files: a TOML file, dashes, environment and flags, dashes, what comes of it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "cli/config/default_file.hpp"
#include "cli/config/load.hpp"
#include "cli/config/setting.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::cli {
namespace {

namespace fs = std::filesystem;

const std::string kSource = POMIAR_SOURCE_DIR;
const std::string kCases = kSource + "/tests/cli/config";

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (auto line : split(text, '\n'))
        if (!line.empty()) lines.emplace_back(line);
    return lines;
}

// The three parts of a case; the middle one may be left out.
std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (auto line : split(text, '\n')) {
        if (line.starts_with("-----")) {
            parts.emplace_back();
        } else {
            parts.back() += std::string(line) + "\n";
        }
    }
    parts.back().pop_back();  // the empty line after the last newline
    if (parts.size() == 2) parts.insert(parts.begin() + 1, "");
    return parts;
}

std::expected<Loaded, Problems> load_text(const std::string& file, std::string_view others = "") {
    const test::TemporaryDirectory directory;
    Sources sources{.file = directory.path() + "/pomiar.toml", .environment = {}, .flags = {}};
    std::ofstream(sources.file, std::ios::binary) << file;
    for (const auto& line : lines_of(others)) {
        if (line.starts_with("--listen ")) {
            sources.flags.push_back({"--listen", "server.listen", line.substr(9)});
        } else if (line.starts_with("--data ")) {
            sources.flags.push_back({"--data", "storage.path", line.substr(7)});
        } else {
            const auto equals = line.find('=');
            sources.environment.emplace_back(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    return load(real_file_system(), sources);
}

// What differs from the defaults, or the problems; file names without their directory, blanks squeezed.
std::string outcome(const std::expected<Loaded, Problems>& loaded) {
    std::string out;
    const auto add = [&](std::string line) {
        if (const auto at = line.find("/tmp/pomiar-test-"); at != std::string::npos)
            line.erase(at, line.find("/pomiar.toml", at) + 1 - at);
        if (const auto hash = line.find(" # "); hash != std::string::npos)
            line.erase(line.find_last_not_of(' ', hash) + 1, hash - line.find_last_not_of(' ', hash) - 1);
        out += line + "\n";
    };
    if (!loaded) {
        for (const auto& problem : loaded.error()) add(problem);
    } else {
        for (const auto& line : lines_of(print(*loaded)))
            if (!line.ends_with("# default")) add(line);
    }
    return out;
}

class ConfigurationFile : public testing::TestWithParam<std::string> {};

TEST_P(ConfigurationFile, GivesWhatItSays) {
    const auto parts = parts_of(contents(kCases + "/" + GetParam() + ".txt"));
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(outcome(load_text(parts[0], parts[1])), parts[2]);
}

std::vector<std::string> cases() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kCases))
        if (entry.path().extension() == ".txt") names.push_back(entry.path().stem());
    std::ranges::sort(names);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, ConfigurationFile, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param; });

TEST(Configuration, NeedsNoFile) {
    const auto loaded = load(real_file_system(), {.file = "/dev/null", .environment = {}, .flags = {}});
    ASSERT_TRUE(loaded) << loaded.error().front();
    EXPECT_EQ(loaded->configuration.server.listen, std::vector<std::string>{"0.0.0.0:8443"});
    EXPECT_EQ(loaded->configuration.server.body, 2u << 20);
    EXPECT_EQ(loaded->configuration.storage.sync.period, 10 * kSecond);
    EXPECT_EQ(loaded->configuration.logging.level, log::Level::warning);
    for (const auto& origin : loaded->origins) EXPECT_EQ(origin, "default");
}

TEST(Configuration, RefusesAMissingFileThatWasNamed) {
    const auto flag = load(real_file_system(), {.file = "/nowhere/p.toml", .environment = {}, .flags = {}});
    ASSERT_FALSE(flag);
    EXPECT_NE(flag.error().front().find("/nowhere/p.toml"), std::string::npos);
    EXPECT_FALSE(load(real_file_system(), {.file = "", .environment = {{"POMIAR_CONFIG", "/nowhere"}}, .flags = {}}));
}

TEST(Configuration, IsPrintedAsAFileThatGivesTheSame) {
    const auto first = load_text(
        "server.plain = [\"unix:/run/p.sock\", \"[::1]:80\"]\nstorage.sync = \"always\"\n"
        "storage.path = \"/a \\\"b\\\\ \\u0001\"\nserver.body = 4096\nlog.level = \"off\"\n");
    ASSERT_TRUE(first) << first.error().front();
    const auto again = load_text(print(*first));
    ASSERT_TRUE(again) << again.error().front();
    for (const auto& setting : settings())
        EXPECT_EQ(value_text(setting, first->configuration), value_text(setting, again->configuration)) << setting.key;
}

TEST(Configuration, FileOfDefaultsChangesNothing) {
    EXPECT_EQ(outcome(load_text(default_file())), "");
}

TEST(Configuration, FileOfDefaultsHoldsEverySettingToUncomment) {
    const std::string commented = default_file();
    std::string file;
    for (auto line : split(commented, '\n')) {
        EXPECT_LE(line.size(), 100u) << line;
        // "# " is a remark, "#" before a word a setting.
        if (line.starts_with('#') && !line.starts_with("# ")) line.remove_prefix(1);
        file += std::string(line) + "\n";
    }
    const auto none = load_text("");
    const auto all = load_text(file);
    ASSERT_TRUE(all) << all.error().front();
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const Setting& setting = settings()[i];
        EXPECT_NE(all->origins[i], "default") << setting.key;
        EXPECT_EQ(value_text(setting, all->configuration), value_text(setting, none->configuration)) << setting.key;
    }
}

TEST(Configuration, EverySettingHasAGoodRow) {
    for (const auto& setting : settings()) {
        Configuration configuration;
        EXPECT_TRUE(assign(setting, configuration, setting.initial)) << setting.key;
        if (!setting.minimum.empty()) {
            EXPECT_TRUE(assign(setting, configuration, setting.minimum)) << setting.key;
            EXPECT_TRUE(assign(setting, configuration, setting.maximum)) << setting.key;
        }
        EXPECT_TRUE(setting.help.ends_with('.')) << setting.key;
        EXPECT_EQ(find_setting(setting.key), &setting);
    }
}

TEST(Configuration, IsDocumentedAsItIs) {
    std::string expected;
    for (const auto& setting : settings()) expected += "\n" + documentation_row(setting);
    const auto page = contents(kSource + "/docs/configuration.md");
    const auto start = page.find("| --- |", page.find("## All settings"));
    ASSERT_NE(start, std::string::npos);
    const auto first = page.find('\n', start);
    EXPECT_EQ(trim(page.substr(first)), trim(expected));
}

TEST(Configuration, SurvivesAnyBytes) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string good = contents(kCases + "/all_sources.txt");
    for (int i = 0; i < 200; ++i) {
        std::string text = good;
        for (int n = 0; n < 4; ++n) text[random() % text.size()] = static_cast<char>(random());
        (void)load_text(text);
    }
}

}  // namespace
}  // namespace pomiar::cli
