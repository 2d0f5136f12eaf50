// What the user typed, checked for form. The library behind it (CLI11) stays in command_line.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "cli/config/load.hpp"
#include "query/reading_format.hpp"
#include "sql/answer_format.hpp"

namespace pomiar::cli {

enum class Command : std::uint8_t {
    serve,
    backup,
    restore,
    check,
    import_files,
    export_readings,
    sql,
    token_add,
    token_list,
    token_revoke,
    page_list,
    page_show,
    render,
    password,
    config,
    healthcheck,
    version,
};

struct CommandLine {
    Command command = Command::version;
    Sources sources;  // --config and the flags that are settings; the environment

    bool demo = false;        // serve
    bool check_only = false;  // config --check
    bool defaults = false;    // config --defaults

    std::vector<std::string> files;  // import; the one of backup and restore

    struct {
        std::string sensor;
        std::string field;
        std::optional<Nanoseconds> from;
        std::optional<Nanoseconds> to;
        query::ReadingFormat format = query::ReadingFormat::csv;
    } selection;  // export

    struct {
        std::string statements;                        // "-": those of standard input
        std::optional<sql::AnswerFormat> format = {};  // else by what standard output is
    } sql;

    struct {
        std::string name;
        std::string can = "write";
        std::string only;
    } token;

    std::string page;  // page show

    struct {
        std::string file;
        std::string context;
        std::string templates;
        bool autoescape = true;
        bool trim_blocks = false;
        bool lstrip_blocks = false;
        bool keep_trailing_newline = false;
    } render;
};

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitMisused = 2;

// The program ends here: help was asked for (0, to standard output), or it was used wrongly (2, to standard error).
struct Ending {
    int status;
    std::string text;
};

std::variant<CommandLine, Ending> parse_command_line(int count, const char* const* arguments);

}  // namespace pomiar::cli
