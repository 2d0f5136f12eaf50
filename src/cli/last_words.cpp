#include "cli/last_words.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace pomiar::cli {
namespace {

void say(const char* words) {
    std::fprintf(stderr, "pomiar: ended by what nobody caught: %s\n", words);
}

[[noreturn]] void say_and_abort() {
    try {
        if (std::current_exception()) throw;
        say("no exception");
    } catch (const std::exception& error) {
        say(error.what());
    } catch (...) {
        say("an exception of an unknown kind");
    }
    std::abort();
}

}  // namespace

void leave_last_words() {
    std::set_terminate(say_and_abort);
}

}  // namespace pomiar::cli
