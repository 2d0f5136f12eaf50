#include "web/access/access.hpp"

#include <functional>
#include <string>

#include "web/access/access_fixture.hpp"

namespace pomiar::access {
namespace {

using AccessTest = AccessFixture;

TEST_F(AccessTest, KnowsATokenAsSoonAsItIsAdded) {
    ASSERT_TRUE(access_.reload());
    EXPECT_FALSE(access_.by_token("pomiar_wrong"));
    const std::string secret = token({.name = "kitchen", .can = Can::write, .only = "climate,"});
    const auto principal = access_.by_token(secret);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->via, Principal::Via::token);
    EXPECT_EQ(principal->name, "kitchen");
    EXPECT_TRUE(principal->may(Can::write));
    EXPECT_FALSE(principal->may(Can::read));
    EXPECT_FALSE(principal->may(Can::admin));
    EXPECT_TRUE(principal->may_touch("climate,room=kitchen"));
    EXPECT_FALSE(principal->may_touch("climateer"));
    EXPECT_FALSE(access_.by_token(secret + "x"));
    EXPECT_FALSE(access_.by_token(""));
}

TEST_F(AccessTest, NoticesARevokedTokenWithinASecond) {
    const std::string secret = token({.name = "a"});
    ASSERT_TRUE(access_.reload());
    ASSERT_TRUE(access_.by_token(secret));
    revoke("a");
    clock_.advance(kSecond);
    EXPECT_FALSE(access_.by_token(secret));
}

TEST_F(AccessTest, KeepsWhatItKnowsWhenTheFileIsDamaged) {
    const std::string secret = token({.name = "a"});
    ASSERT_TRUE(access_.reload());
    ASSERT_TRUE(write_whole(real_file_system(), other_process_.path(), "x"));
    clock_.advance(kSecond);
    EXPECT_TRUE(access_.by_token(secret));
    EXPECT_FALSE(access_.reload());
    EXPECT_TRUE(access_.by_token(secret));
}

TEST_F(AccessTest, TheSetupLinkWorksOnce) {
    const auto key = access_.begin_setup();
    ASSERT_TRUE(key);
    ASSERT_TRUE(*key);
    EXPECT_TRUE(access_.is_setup_key(**key));
    EXPECT_FALSE(access_.is_setup_key(""));
    EXPECT_EQ(loop_.wait_for(access_.set_up({"10.0.0.9"}, "wrong", "correct horse")).session, "");
    EXPECT_EQ(loop_.wait_for(access_.set_up({"10.0.0.9"}, **key, "short")).session, "");
    EXPECT_FALSE(access_.has_password());

    const SignIn done = loop_.wait_for(access_.set_up({"10.0.0.9"}, **key, "correct horse"));
    EXPECT_EQ(done.message, "");
    const auto principal = access_.by_session(done.session);
    ASSERT_TRUE(principal);
    EXPECT_TRUE(principal->may(Can::admin));
    EXPECT_EQ(principal->csrf, csrf_of(done.session));

    EXPECT_TRUE(access_.has_password());
    EXPECT_FALSE(access_.is_setup_key(**key));
    EXPECT_EQ(loop_.wait_for(access_.set_up({"10.0.0.9"}, **key, "another password")).session, "");
    EXPECT_FALSE(*access_.begin_setup());
}

TEST_F(AccessTest, ANewSetupLinkEndsTheOldOne) {
    const auto first = access_.begin_setup();
    const auto second = access_.begin_setup();
    EXPECT_FALSE(access_.is_setup_key(**first));
    EXPECT_TRUE(access_.is_setup_key(**second));
}

TEST_F(AccessTest, SignsInAndOut) {
    const std::string first = set_up();
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "wrong horse")).message, "Wrong password");
    const SignIn done = loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse"));
    ASSERT_NE(done.session, "");
    EXPECT_NE(done.session, first);
    EXPECT_TRUE(access_.by_session(done.session));
    ASSERT_TRUE(loop_.wait_for(access_.sign_out(digest(done.session))));
    EXPECT_FALSE(access_.by_session(done.session));
    EXPECT_TRUE(access_.by_session(first));
    EXPECT_FALSE(access_.by_session(""));
}

TEST_F(AccessTest, SigningInEndsTheSessionBefore) {
    const std::string first = set_up();
    const SignIn done = loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse", first));
    EXPECT_TRUE(access_.by_session(done.session));
    EXPECT_FALSE(access_.by_session(first));
}

TEST_F(AccessTest, ASessionEndsByItself) {
    const std::string session = set_up();
    clock_.advance(kSessionLife - 1);
    EXPECT_TRUE(access_.by_session(session));
    clock_.advance(1);
    EXPECT_FALSE(access_.by_session(session));
}

TEST_F(AccessTest, ANewPasswordEndsAllSessions) {
    const std::string session = set_up();
    set_password_elsewhere("another password");
    clock_.advance(kSecond);
    EXPECT_FALSE(access_.by_session(session));
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse")).session, "");
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "another password")).session, "");
}

// Nothing else is asked before: whoever has no cookie yet comes so.
TEST_F(AccessTest, APasswordSetElsewhereIsKnownAtOnce) {
    ASSERT_TRUE(access_.begin_setup());
    set_password_elsewhere("correct horse");
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse")).session, "");
    set_password_elsewhere("another password");
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse")).message, "Wrong password");
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "another password")).session, "");
}

TEST_F(AccessTest, APasswordSetElsewhereEndsTheSetupLinkAtOnce) {
    const auto key = access_.begin_setup();
    set_password_elsewhere("correct horse");
    EXPECT_FALSE(access_.is_setup_key(**key));
    set_password_elsewhere("another password");
    EXPECT_EQ(loop_.wait_for(access_.set_up({"10.0.0.9"}, **key, "my own password")).message,
              "This link has been used or replaced");
}

TEST_F(AccessTest, HasAPasswordAsSoonAsItIsSetElsewhere) {
    ASSERT_TRUE(access_.begin_setup());
    EXPECT_FALSE(access_.has_password());
    set_password_elsewhere("correct horse");
    EXPECT_TRUE(access_.has_password());
}

TEST_F(AccessTest, GuessingIsSlowedDown) {
    set_up();
    for (unsigned i = 0; i < Throttle::kFreeFailures; ++i)
        EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "wrong horse")).wait, 0);
    const SignIn refused = loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse"));
    EXPECT_EQ(refused.session, "");
    EXPECT_GT(refused.wait, 0);
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.2"}, "correct horse")).session, "");
    clock_.advance(refused.wait);
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "correct horse")).session, "");
}

TEST_F(AccessTest, NobodySignsInWithoutAPassword) {
    ASSERT_TRUE(access_.reload());
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.1"}, "")).session, "");
}

// A worker that cannot go on, since another process has the file, and whose waiting room is full.
class AccessBusyTest : public AccessFixture {
  protected:
    void try_to_sign_in(std::string address, std::string password) {
        ++begun_;
        spawn([](Task<SignIn> task, AccessBusyTest& test) -> Task<> {
            const SignIn result = co_await task;
            ++test.ended_;
            if (result.refusal == Refusal::busy) ++test.sent_away_;
        }(access_.sign_in({std::move(address)}, std::move(password)), *this));
    }
    // Who is sent away is so at once; nobody else ends before the loop runs. The worker takes its first one when it
    // likes, so that a place may come free until all of them are taken.
    void while_it_is_full(const std::function<void()>& work) {
        ASSERT_TRUE(other_process_.update([&](AccessState&) -> Result<> {
            try_to_sign_in("10.1.0.0", "correct horse");
            while (begun_ - ended_ < 1 + static_cast<int>(Worker::kWaitingMax))
                try_to_sign_in("10.1.0." + std::to_string(begun_), "wrong horse");
            work();
            return {};
        }));
        while (ended_ < begun_) loop_.run_one();
    }
    int begun_ = 0;
    int ended_ = 0;
    int sent_away_ = 0;
};

TEST_F(AccessBusyTest, TooManySignInsAtOnceAreSentAway) {
    set_up();
    while_it_is_full([&] {
        sent_away_ = 0;
        for (int i = 0; i < 20; ++i) try_to_sign_in("10.2.0." + std::to_string(i), "wrong horse");
        EXPECT_EQ(sent_away_, 20);
    });
    EXPECT_EQ(sent_away_, 20);
}

TEST_F(AccessBusyTest, BeingSentAwayIsNoWrongTry) {
    set_up();
    while_it_is_full([&] {
        sent_away_ = 0;
        const int tries = static_cast<int>(2 * Throttle::kFreeFailures);
        for (int i = 0; i < tries; ++i) try_to_sign_in("10.2.0.1", "correct horse");
        EXPECT_EQ(sent_away_, tries);
    });
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.2.0.1"}, "correct horse")).session, "");
}

}  // namespace
}  // namespace pomiar::access
