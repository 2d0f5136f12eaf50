// pomiar password: asked twice on a terminal, else one line of standard input.
#include <cstdio>
#include <optional>

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "web/access/access_file.hpp"

namespace pomiar::cli {
namespace {

// What is typed is not shown while this lives.
class QuietTerminal {
  public:
    QuietTerminal() : on_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (on_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (on_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    bool on_terminal() const { return on_terminal_; }

  private:
    termios before_{};
    bool on_terminal_;
};

// Without its newline; nothing at the end of the input. A line past the limit comes back too long, to be refused.
std::optional<std::string> read_line() {
    std::string line;
    int c = std::getchar();
    if (c == EOF) return std::nullopt;
    for (; c != EOF && c != '\n'; c = std::getchar())
        if (line.size() <= access::kPasswordBytesMax) line += static_cast<char>(c);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::optional<std::string> ask(const char* prompt) {
    fmt::print(stderr, "{}", prompt);
    auto line = read_line();
    fmt::print(stderr, "\n");
    return line;
}

Result<std::string> read_password() {
    const QuietTerminal terminal;
    const auto first = terminal.on_terminal() ? ask("New admin password: ") : read_line();
    if (!first) return failure(ErrorKind::invalid, "no password given");
    if (auto good = access::check_password(*first); !good) return failure(std::move(good));
    if (terminal.on_terminal() && ask("Once more: ") != first)
        return failure(ErrorKind::invalid, "the two passwords differ; nothing was changed");
    return *first;
}

}  // namespace

Result<int> password(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    auto text = read_password();
    if (!text) return failure(std::move(text));
    const std::string& directory = loaded->configuration.storage.path;
    if (auto r = become_owner_of(directory); !r) return failure(std::move(r));
    auto hash = access::hash_password(*text);
    if (!hash) return failure(std::move(hash));
    const access::AccessFile file(real_file_system(), directory);
    auto state = file.update([&](access::AccessState& changed) -> Result<> {
        access::set_password(changed, std::move(*hash));
        return {};
    });
    if (!state) return failure(std::move(state));
    return kExitDone;
}

}  // namespace pomiar::cli
