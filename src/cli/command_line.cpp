#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

// RFC 3339, a date, or integer milliseconds since 1970, as the HTTP interface takes them.
std::optional<Nanoseconds> time_of(std::string_view text) {
    if (const auto time = parse_time(text)) return time;
    const auto milliseconds = parse_int64(text);
    Nanoseconds time = 0;
    if (!milliseconds || __builtin_mul_overflow(*milliseconds, kMillisecond, &time)) return std::nullopt;
    return time;
}

query::ReadingFormat format_of(const std::string& text) {
    if (const auto format = query::parse_reading_format(text)) return *format;
    throw CLI::ValidationError("--format", fmt::format("\"{}\" is not csv, lp or json", text));
}

sql::AnswerFormat answer_format_of(const std::string& text) {
    if (const auto format = sql::parse_answer_format(text)) return *format;
    throw CLI::ValidationError("--format", fmt::format("\"{}\" is not list, table, csv or json", text));
}

class Grammar {
  public:
    Grammar() {
        app_.require_subcommand(1);
        app_.failure_message([](const CLI::App*, const CLI::Error& error) { return std::string(error.what()); });
        app_.set_help_flag("-h,--help", "Explain this command");
        app_.set_help_all_flag("--help-all", "Explain all commands");
        running();
        readings();
        access();
        others();
    }

    std::variant<CommandLine, Ending> parse(int count, const char* const* arguments) {
        if (count == 2 && std::string_view(arguments[1]) == "help") return Ending{kExitDone, help()};
        // CLI11 would only say that a command is missing.
        if (count > 1 && arguments[1][0] != '-' && !is_command(arguments[1]))
            return Ending{kExitMisused, fmt::format("unknown command {}{}\n", arguments[1], nearest(arguments[1]))};
        try {
            app_.parse(count, arguments);
        } catch (const CLI::CallForHelp&) {
            return Ending{kExitDone, help()};
        } catch (const CLI::CallForAllHelp&) {
            return Ending{kExitDone, app_.help("", CLI::AppFormatMode::All)};
        } catch (const CLI::ParseError& error) {
            return Ending{kExitMisused, fmt::format("{}; try `pomiar{} --help`\n", error.what(), chosen_name())};
        }
        if (line_.selection.from && line_.selection.to && *line_.selection.from >= *line_.selection.to)
            return Ending{kExitMisused, "--from must be before --to; try `pomiar export --help`\n"};
        collect_settings();
        return std::move(line_);
    }

  private:
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help, Command command) {
        CLI::App* sub = parent.add_subcommand(name, help);
        sub->callback([this, command] { line_.command = command; });
        return sub;
    }

    CLI::App* add_with_settings(CLI::App& parent, const std::string& name, const std::string& help, Command command) {
        CLI::App* sub = add(parent, name, help, command);
        sub->add_option("--config", line_.sources.file, "Configuration file")->type_name("FILE");
        sub->add_option("--data", directory_, "Data directory (storage.path)")
            ->type_name("DIR");  // or it would take the positionals that follow
        return sub;
    }

    void running() {
        CLI::App* serve = add_with_settings(app_, "serve", "Run the server", Command::serve);
        serve->add_option("--listen", listen_, "HTTPS address (server.listen); may be repeated")
            ->type_name("ADDR:PORT")
            ->allow_extra_args(false)
            ->take_all();
        serve->add_flag("--demo", line_.demo, "Feed it a simulated house through its own front door");
        add_with_settings(app_, "healthcheck", "Succeed if the server of this data directory is healthy",
                          Command::healthcheck);
        CLI::App* config = add_with_settings(
            app_, "config", "Print the configuration in force, each value with its origin", Command::config);
        CLI::Option* check = config->add_flag("--check", line_.check_only, "Print nothing but what is wrong");
        config->add_flag("--defaults", line_.defaults, "Print a configuration file with all defaults, as comments")
            ->excludes(check);
    }

    void readings() {
        CLI::App* import =
            add_with_settings(app_, "import", "Read CSV, line protocol, or a SQLite database", Command::import_files);
        import->add_option("FILE", line_.files, "Files to read; - is standard input")->required();
        CLI::App* output =
            add_with_settings(app_, "export", "Write readings to standard output", Command::export_readings);
        auto& selection = line_.selection;
        output->add_option("--sensor", selection.sensor, "Only this sensor, as climate,room=kitchen");
        output->add_option("--field", selection.field, "Only this field");
        add_time(*output, "--from", selection.from, "From this time on: 2026-11-23T18:00:00Z, a date, or milliseconds");
        add_time(*output, "--to", selection.to, "Before this time");
        output
            ->add_option_function<std::string>(
                "--format", [&selection](const std::string& text) { selection.format = format_of(text); },
                "csv (default), lp (line protocol) or json (an object a line)")
            ->type_name("csv|lp|json");
        CLI::App* sql = add_with_settings(app_, "sql", "Ask the readings, or delete some, with SQL", Command::sql);
        sql->add_option("SQL", line_.sql.statements,
                        "As \"SELECT * FROM measurements WHERE sensor = 'climate'\"; - is standard input")
            ->expected(1)
            ->required();
        sql->add_option_function<std::string>(
               "--format", [this](const std::string& text) { line_.sql.format = answer_format_of(text); },
               "list (default, as the sqlite3 shell), table (default on a terminal), csv or json")
            ->type_name("list|table|csv|json");
        add_with_settings(app_, "backup", "Copy everything into one file, beside a running server too", Command::backup)
            ->add_option("DEST", line_.files, "The file; or a directory, for pomiar-2026-11-23.db in it")
            ->expected(1)
            ->required();
        add_with_settings(app_, "restore", "Make an empty data directory what a backup was made of", Command::restore)
            ->add_option("FILE", line_.files, "As `pomiar backup` made it")
            ->expected(1)
            ->required();
        add_with_settings(app_, "check", "Read all there is, print counts and what is wrong", Command::check);
    }

    static void add_time(CLI::App& app, const char* name, std::optional<Nanoseconds>& time, const std::string& help) {
        app.add_option_function<std::string>(
               name,
               [name, &time](const std::string& text) {
                   time = time_of(text);
                   if (!time) throw CLI::ValidationError(name, fmt::format("\"{}\" is not a time", text));
               },
               help)
            ->type_name("TIME");
    }

    void access() {
        CLI::App* token = app_.add_subcommand("token", "Add, list or revoke tokens of devices and programs");
        token->require_subcommand(1);
        CLI::App* add =
            add_with_settings(*token, "add", "Make a token; it is printed once and kept nowhere", Command::token_add);
        add->add_option("NAME", line_.token.name, "What it is for: kitchen")->required();
        add->add_option("--can", line_.token.can, "write (default), read or admin")
            ->check(CLI::IsMember({"write", "read", "admin"}).description(""))
            ->type_name("write|read|admin");
        add->add_option("--only", line_.token.only, "Only sensors whose name starts so: climate,")->type_name("PREFIX");
        add_with_settings(*token, "list", "Print all tokens by name", Command::token_list);
        CLI::App* revoke = add_with_settings(*token, "revoke", "End a token", Command::token_revoke);
        revoke->add_option("NAME", line_.token.name, "As `pomiar token list` shows it")->required();
        add_with_settings(app_, "password", "Set the admin password: asked twice, or one line of standard input",
                          Command::password);
    }

    void others() {
        CLI::App* page = app_.add_subcommand("page", "Examples of pages of your own");
        page->require_subcommand(1);
        add(*page, "list", "Print their names", Command::page_list);
        add(*page, "show", "Print one, for a file below pages/ in the data directory", Command::page_show)
            ->add_option("NAME", line_.page, "As `pomiar page list` shows it")
            ->required();
        CLI::App* render = add(app_, "render", "Render a template to standard output", Command::render);
        auto& options = line_.render;
        render->add_option("FILE", options.file, "The template")->required();
        render->add_option("--context", options.context, "JSON file with what the template is given")
            ->type_name("FILE");
        render->add_option("--templates", options.templates, "Where others are included from; else beside FILE")
            ->type_name("DIR");
        render->add_flag("!--no-autoescape", options.autoescape, "Do not escape HTML");
        render->add_flag("--trim-blocks", options.trim_blocks, "Remove the newline after a block");
        render->add_flag("--lstrip-blocks", options.lstrip_blocks, "Remove blanks before a block");
        render->add_flag("--keep-trailing-newline", options.keep_trailing_newline, "Keep the newline at the end");
        add(app_, "version", "Print version, commit and libraries", Command::version);
    }

    bool is_command(std::string_view name) {
        const auto all = app_.get_subcommands([](const CLI::App*) { return true; });
        return std::ranges::any_of(all, [&](const CLI::App* app) { return app->get_name() == name; });
    }

    std::string nearest(std::string_view name) {
        const CLI::App* best = nullptr;
        std::size_t distance = 3;
        for (const CLI::App* app : app_.get_subcommands([](const CLI::App*) { return true; })) {
            const std::size_t edits = edit_distance(name, app->get_name());
            if (edits >= distance) continue;
            best = app;
            distance = edits;
        }
        return best == nullptr ? "; `pomiar --help` lists all" : fmt::format(", did you mean {}?", best->get_name());
    }

    const CLI::App& chosen() const {
        const CLI::App* app = &app_;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
        return *app;
    }
    std::string chosen_name() const {
        std::string name;
        for (const CLI::App* app = &chosen(); app != &app_; app = app->get_parent())
            name = " " + app->get_name() + name;  // NOLINT(performance-inefficient-string-concatenation)
        return name;
    }
    std::string parent_name() const {
        const std::string name = chosen_name();
        return name.empty() ? "" : "pomiar" + name.substr(0, name.rfind(' '));
    }
    std::string help() const { return chosen().help(parent_name()); }

    void collect_settings() {
        line_.sources.environment = pomiar_environment();
        if (directory_) line_.sources.flags.push_back({"--data", "storage.path", *directory_});
        for (const auto& address : listen_) line_.sources.flags.push_back({"--listen", "server.listen", address});
    }

    CLI::App app_{"A measurement server for small machines", "pomiar"};
    CommandLine line_;
    std::optional<std::string> directory_;
    std::vector<std::string> listen_;
};

}  // namespace

std::variant<CommandLine, Ending> parse_command_line(int count, const char* const* arguments) {
    return Grammar().parse(count, arguments);
}

}  // namespace pomiar::cli
