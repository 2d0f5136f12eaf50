#include "cli/command_line.hpp"

#include <gtest/gtest.h>

namespace pomiar::cli {
namespace {

std::variant<CommandLine, Ending> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "pomiar");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

CommandLine good(const std::vector<const char*>& arguments) {
    auto parsed = parse(arguments);
    if (const auto* ending = std::get_if<Ending>(&parsed)) {
        ADD_FAILURE() << ending->text;
        return {};
    }
    return std::get<CommandLine>(std::move(parsed));
}

TEST(CommandLine, KnowsEveryCommand) {
    const struct {
        std::vector<const char*> arguments;
        Command command;
    } rows[] = {
        {{"serve", "--demo"}, Command::serve},
        {{"check"}, Command::check},
        {{"import", "a", "b"}, Command::import_files},
        {{"export"}, Command::export_readings},
        {{"token", "add", "x"}, Command::token_add},
        {{"token", "list"}, Command::token_list},
        {{"token", "revoke", "x"}, Command::token_revoke},
        {{"page", "list"}, Command::page_list},
        {{"page", "show", "garden"}, Command::page_show},
        {{"render", "x"}, Command::render},
        {{"password"}, Command::password},
        {{"config"}, Command::config},
        {{"config", "--defaults"}, Command::config},
        {{"healthcheck"}, Command::healthcheck},
        {{"version"}, Command::version},
    };
    for (const auto& row : rows) EXPECT_EQ(good(row.arguments).command, row.command) << row.arguments[0];
}

TEST(CommandLine, TakesSettingsAsFlags) {
    const auto line = good({"serve", "--config", "c", "--data", "d", "--listen", "a:1", "--listen=b:2", "--demo"});
    EXPECT_EQ(line.sources.file, "c");
    EXPECT_TRUE(line.demo);
    ASSERT_EQ(line.sources.flags.size(), 3u);
    EXPECT_EQ(line.sources.flags[0].key, "storage.path");
    EXPECT_EQ(line.sources.flags[0].value, "d");
    EXPECT_EQ(line.sources.flags[1].value, "a:1");
    EXPECT_EQ(line.sources.flags[2].value, "b:2");
    EXPECT_EQ(line.sources.flags[2].key, "server.listen");
}

TEST(CommandLine, TakesFlagsBeforeNames) {
    for (const char* flag : {"--data", "--config"}) {
        EXPECT_EQ(good({"import", flag, "d", "a.csv", "b.csv"}).files, (std::vector<std::string>{"a.csv", "b.csv"}));
        EXPECT_EQ(good({"token", "add", flag, "d", "kitchen"}).token.name, "kitchen");
        EXPECT_EQ(good({"token", "revoke", flag, "d", "kitchen"}).token.name, "kitchen");
    }
    EXPECT_EQ(good({"token", "add", "--can", "read", "--only", "climate,", "kitchen"}).token.name, "kitchen");
    EXPECT_EQ(good({"render", "--context", "c.json", "--templates", "d", "t.html"}).render.file, "t.html");
    const auto line = good({"import", "a.csv", "--data", "d", "b.csv"});
    EXPECT_EQ(line.files, (std::vector<std::string>{"a.csv", "b.csv"}));
    ASSERT_EQ(line.sources.flags.size(), 1u);
    EXPECT_EQ(line.sources.flags[0].value, "d");
    EXPECT_TRUE(std::holds_alternative<Ending>(parse({"serve", "--listen", "a:1", "b:2"})));
    EXPECT_TRUE(std::holds_alternative<Ending>(parse({"serve", "--data", "a", "--data", "b"})));
}

TEST(CommandLine, ReadsASelection) {
    const auto line = good({"export", "--sensor", "a,b=c", "--field", "f", "--from", "2026-11-23T18:00:00Z", "--to",
                            "1795456801000", "--format", "lp"});
    EXPECT_EQ(line.selection.sensor, "a,b=c");
    EXPECT_EQ(line.selection.field, "f");
    EXPECT_EQ(line.selection.from, 1'795'456'800 * kSecond);
    EXPECT_EQ(line.selection.to, 1'795'456'801 * kSecond);
    EXPECT_EQ(line.selection.format, query::ReadingFormat::line_protocol);
    EXPECT_EQ(good({"export", "--from", "2026-11-23"}).selection.from, 1'795'392'000 * kSecond);
}

TEST(CommandLine, ReadsTokensAndTemplates) {
    const auto token = good({"token", "add", "kitchen", "--can", "admin", "--only", "climate,"}).token;
    EXPECT_EQ(token.name, "kitchen");
    EXPECT_EQ(token.can, "admin");
    EXPECT_EQ(token.only, "climate,");
    EXPECT_EQ(good({"token", "add", "x"}).token.can, "write");
    const auto render = good({"render", "t.html", "--no-autoescape", "--trim-blocks", "--context", "c.json"}).render;
    EXPECT_FALSE(render.autoescape);
    EXPECT_TRUE(render.trim_blocks);
    EXPECT_FALSE(render.lstrip_blocks);
    EXPECT_TRUE(good({"render", "t.html"}).render.autoescape);
}

TEST(CommandLine, SaysWhatIsWrongInOneLine) {
    const struct {
        std::vector<const char*> arguments;
        const char* words;
    } rows[] = {
        {{}, "subcommand"},
        {{"imprt"}, "imprt, did you mean import?"},
        {{"nonsense"}, "unknown command nonsense"},
        {{"serve", "--nonsense"}, "--nonsense"},
        {{"serve", "extra"}, "extra"},
        {{"serve", "--listen"}, "--listen"},
        {{"healthcheck", "--listen", "a:1"}, "--listen"},
        {{"import"}, "FILE"},
        {{"token"}, "subcommand"},
        {{"token", "add"}, "NAME"},
        {{"token", "add", "x", "--can", "fly"}, "fly"},
        {{"token", "fly"}, "subcommand"},
        {{"export", "--format", "xml"}, "xml"},
        {{"export", "--from", "yesterday"}, "yesterday"},
        {{"export", "--from", "99999999999999999999"}, "is not a time"},
        {{"export", "--from", "2026-11-24", "--to", "2026-11-23"}, "before"},
        {{"config", "--check", "--defaults"}, "--check"},
        {{"page"}, "subcommand"},
        {{"page", "show"}, "NAME"},
        {{"render"}, "FILE"},
    };
    for (const auto& row : rows) {
        const auto parsed = parse(row.arguments);
        const auto* ending = std::get_if<Ending>(&parsed);
        ASSERT_NE(ending, nullptr) << row.words;
        EXPECT_EQ(ending->status, kExitMisused);
        EXPECT_NE(ending->text.find(row.words), std::string::npos) << ending->text;
        EXPECT_EQ(ending->text.find('\n'), ending->text.size() - 1) << ending->text;
    }
}

TEST(CommandLine, ExplainsItself) {
    for (const std::vector<const char*>& arguments :
         {std::vector<const char*>{"--help"}, {"serve", "--help"}, {"token", "add", "-h"}, {"--help-all"}}) {
        const auto parsed = parse(arguments);
        const auto* ending = std::get_if<Ending>(&parsed);
        ASSERT_NE(ending, nullptr);
        EXPECT_EQ(ending->status, kExitDone);
        EXPECT_NE(ending->text.find("Usage: pomiar"), std::string::npos) << ending->text;
        EXPECT_EQ(ending->text.find("pomiar pomiar"), std::string::npos) << ending->text;
    }
}

}  // namespace
}  // namespace pomiar::cli
