// pomiar sql: SQL over the readings.
#include <atomic>
#include <csignal>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "cli/readings/gateway.hpp"
#include "sql/session.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kOutputBytes = 64u << 10;
constexpr std::size_t kInputBytesMax = 1u << 20;

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

// Ctrl-C ends the statement; what was printed stays.
void listen_for_interrupts() {
    struct sigaction action{};
    action.sa_handler = [](int) { interrupted.store(true); };
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the program
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

// Prints the text of another visitor now and then.
class Printing final : public sql::AnswerVisitor {
  public:
    explicit Printing(sql::AnswerFormat format) : writer_(sql::answer_writer(format, text_)) {}

    Result<> begin(const std::vector<std::string>& columns) override { return writer_->begin(columns); }
    Result<> row(std::span<const sql::Cell> cells) override {
        if (auto written = writer_->row(cells); !written) return written;
        return text_.size() < kOutputBytes ? Result<>() : print();
    }
    Result<> end() override {
        if (auto ended = writer_->end(); !ended) return ended;
        return print();
    }
    Result<> print() {
        const bool is_out = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size();
        text_.clear();
        if (!is_out) return failure(ErrorKind::io, "cannot write to standard output");
        return {};
    }

  private:
    std::string text_;
    std::unique_ptr<sql::AnswerVisitor> writer_;
};

sql::AnswerFormat format_of(const CommandLine& line) {
    return line.sql.format.value_or(::isatty(STDOUT_FILENO) == 1 ? sql::AnswerFormat::table : sql::AnswerFormat::list);
}

Result<std::string> statements_of(const CommandLine& line) {
    if (line.sql.statements != "-") return line.sql.statements;
    return read_whole(real_file_system(), "/dev/stdin", kInputBytesMax);
}

}  // namespace

Result<int> ask_sql(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    auto statements = statements_of(line);
    if (!statements) return failure(std::move(statements));
    if (auto r = become_owner_of(loaded->configuration.storage.path); !r) return failure(std::move(r));
    auto gateway = open_gateway(loaded->configuration, IfMissing::fail);
    if (!gateway) return failure(std::move(gateway));
    listen_for_interrupts();
    auto session = sql::Session::open((*gateway)->rows(),
                                      {.heap_bytes_max = static_cast<std::int64_t>(loaded->configuration.memory.limit),
                                       .interrupted = [] { return interrupted.load(); }});
    if (!session) return failure(std::move(session));
    Printing printing(format_of(line));
    auto done = (*session)->run(*statements, printing);
    if (auto printed = printing.print(); done && !printed) return failure(std::move(printed));
    if (!done) {
        (void)std::fflush(stdout);
        return failure(std::move(done));
    }
    for (const auto& damage : done->damage) fmt::print(stderr, "pomiar: {}\n", damage);
    return done->damage.empty() ? kExitDone : kExitFailed;
}

}  // namespace pomiar::cli
