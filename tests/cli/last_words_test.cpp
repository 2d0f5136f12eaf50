#include "cli/last_words.hpp"

#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace pomiar::cli {
namespace {

void throw_in_a_thread(int what) {
    leave_last_words();
    std::thread([what] {
        if (what == 0) throw std::runtime_error("the card is gone");
        throw what;
    }).join();
}

TEST(LastWordsDeathTest, TellWhatTheExceptionSays) {
    EXPECT_DEATH(throw_in_a_thread(0), "pomiar: ended by what nobody caught: the card is gone\n");
}

TEST(LastWordsDeathTest, TellOfWhatSaysNothing) {
    EXPECT_DEATH(throw_in_a_thread(1), "nobody caught: an exception of an unknown kind");
    EXPECT_DEATH((leave_last_words(), std::terminate()), "nobody caught: no exception");
}

}  // namespace
}  // namespace pomiar::cli
