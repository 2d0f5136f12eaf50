#include "http/rounds.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/task.hpp"

namespace pomiar::http::test {
namespace {

Task<void> work_long(Rounds& rounds, std::string& order, char name) {
    co_await rounds.next();
    order += name;
}

TEST(Rounds, WhatIsShortHasItsTurnBetweenTwoLongOnes) {
    Loop loop;
    Rounds rounds(loop);
    std::string order;
    std::function<void()> short_work = [&] {
        order += '.';
        if (order.size() < 10) return loop.post(short_work);
        loop.stop();
    };
    loop.post([&] {
        loop.post(short_work);
        for (const char name : std::string("abc")) spawn(work_long(rounds, order, name));
    });
    loop.run();
    EXPECT_EQ(order, "a.b.c.....");
}

TEST(Rounds, AreHadAtOnceWhenNobodyHasThisOne) {
    Loop loop;
    Rounds rounds(loop);
    std::string order;
    loop.post([&] {
        spawn(work_long(rounds, order, 'a'));
        order += '1';
        loop.post([&] {
            spawn(work_long(rounds, order, 'b'));
            order += '2';
            loop.post([&] {
                order += '3';
                loop.stop();
            });
        });
    });
    loop.run();
    EXPECT_EQ(order, "a1b23") << "the first one's round is over when the second asks";
}

}  // namespace
}  // namespace pomiar::http::test
