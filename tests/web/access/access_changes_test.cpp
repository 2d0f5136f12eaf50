#include <chrono>
#include <thread>

#include "web/access/access_fixture.hpp"

namespace pomiar::access {
namespace {

class AccessChangesTest : public AccessFixture {
  protected:
    std::string another_session(std::string address = "10.0.0.2") {
        return loop_.wait_for(access_.sign_in({std::move(address), "Safari · iPhone"}, "correct horse")).session;
    }
    SignIn change(const std::string& own, std::string password, std::string fresh) {
        return loop_.wait_for(
            access_.change_password({"10.0.0.9"}, digest(own), std::move(password), std::move(fresh)));
    }
    // What another process, or the next run, finds.
    AccessState stored() { return *other_process_.read(); }
    Nanoseconds stored_use(std::string_view token) {
        for (const StoredToken& each : stored().tokens)
            if (each.name == token) return each.used;
        return -1;
    }
};

TEST_F(AccessChangesTest, ANewPasswordNeedsTheOldOneAndEndsAllOtherSessions) {
    const std::string own = set_up();
    const std::string other = another_session();
    EXPECT_EQ(change(own, "wrong horse", "battery staple").refusal, Refusal::password);
    EXPECT_EQ(change(own, "correct horse", "short").refusal, Refusal::failed);
    EXPECT_TRUE(access_.by_session(own));
    EXPECT_TRUE(access_.by_session(other));

    const SignIn done = change(own, "correct horse", "battery staple");
    EXPECT_EQ(done.refusal, Refusal::none) << done.message;
    EXPECT_TRUE(access_.by_session(done.session));
    EXPECT_FALSE(access_.by_session(own));
    EXPECT_FALSE(access_.by_session(other));
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.3"}, "correct horse")).refusal, Refusal::password);
    EXPECT_NE(loop_.wait_for(access_.sign_in({"10.0.0.3"}, "battery staple")).session, "");
}

TEST_F(AccessChangesTest, WhoStoleASessionCannotGuessThePasswordWithIt) {
    const std::string own = set_up();
    for (unsigned i = 0; i < Throttle::kFreeFailures; ++i)
        EXPECT_EQ(change(own, "wrong horse", "battery staple").refusal, Refusal::password);
    const SignIn refused = change(own, "correct horse", "battery staple");
    EXPECT_EQ(refused.refusal, Refusal::wait);
    EXPECT_EQ(refused.wait, Throttle::kFirstWait);
    EXPECT_EQ(loop_.wait_for(access_.sign_in({"10.0.0.9"}, "correct horse")).refusal, Refusal::wait);
}

TEST_F(AccessChangesTest, AnEndedSessionChangesNothing) {
    const std::string own = set_up();
    const std::string other = another_session();
    ASSERT_TRUE(loop_.wait_for(access_.end_other_sessions(digest(own))));
    EXPECT_EQ(change(other, "correct horse", "battery staple").session, "");
    EXPECT_FALSE(loop_.wait_for(access_.add_token(digest(other), {.name = "a"})));
    EXPECT_FALSE(loop_.wait_for(access_.revoke_token(digest(other), "a")));
    EXPECT_FALSE(loop_.wait_for(access_.end_other_sessions(digest(other))));
    EXPECT_TRUE(access_.by_session(own));
    ASSERT_EQ(stored().tokens.size(), 1u);
    EXPECT_EQ(stored().tokens[0].name, kFirstTokenName);
}

TEST_F(AccessChangesTest, TheFirstTokenIsKnownToItsSessionAlone) {
    const std::string own = set_up();
    EXPECT_TRUE(access_.has_token(first_token_of(own)));
    const auto device = access_.by_token(first_token_of(own));
    ASSERT_TRUE(device);
    EXPECT_EQ(device->can, Can::write);
    EXPECT_FALSE(access_.has_token(first_token_of(another_session())));
    ASSERT_TRUE(loop_.wait_for(access_.revoke_token(digest(own), std::string(kFirstTokenName))));
    EXPECT_FALSE(access_.has_token(first_token_of(own)));
}

TEST_F(AccessChangesTest, TokensAreMadeAndRevoked) {
    const std::string own = set_up();
    const auto made = loop_.wait_for(access_.add_token(digest(own), {.name = "kitchen", .only = "climate"}));
    ASSERT_TRUE(made);
    EXPECT_TRUE(access_.by_token(*made));
    const auto again = loop_.wait_for(access_.add_token(digest(own), {.name = "kitchen"}));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
    ASSERT_TRUE(loop_.wait_for(access_.revoke_token(digest(own), "kitchen")));
    EXPECT_FALSE(access_.by_token(*made)) << "at once, not in a second";
    const auto gone = loop_.wait_for(access_.revoke_token(digest(own), "kitchen"));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().kind, ErrorKind::not_found);
}

TEST_F(AccessChangesTest, SessionsAreListedAndEnded) {
    const std::string own = set_up();
    const std::string phone = another_session("10.0.0.2");
    const std::string tablet = another_session("10.0.0.3");
    const auto sessions = access_.now_known().sessions;
    ASSERT_EQ(sessions.size(), 3u);
    EXPECT_EQ(sessions[1].from.address, "10.0.0.2");
    EXPECT_EQ(sessions[1].from.browser, "Safari · iPhone");
    ASSERT_TRUE(loop_.wait_for(access_.end_session(digest(own), session_id(sessions[1]))));
    EXPECT_FALSE(access_.by_session(phone));
    EXPECT_TRUE(access_.by_session(tablet));
    ASSERT_TRUE(loop_.wait_for(access_.end_session(digest(own), "")));
    EXPECT_EQ(access_.now_known().sessions.size(), 2u);
    ASSERT_TRUE(loop_.wait_for(access_.end_other_sessions(digest(own))));
    EXPECT_FALSE(access_.by_session(tablet));
    EXPECT_TRUE(access_.by_session(own));
    clock_.advance(kSessionLife);
    EXPECT_TRUE(access_.now_known().sessions.empty());
}

TEST_F(AccessChangesTest, UsesAreKnownAtOnceAndWrittenWithTheNextChange) {
    const std::string own = set_up();
    const std::string secret = token({.name = "kitchen"});
    clock_.advance(kHour);
    const FileVersion before = other_process_.version();
    for (int i = 0; i < 1000; ++i) {
        clock_.advance(kSecond);
        ASSERT_TRUE(access_.by_token(secret));
        ASSERT_TRUE(access_.by_session(own));
    }
    EXPECT_EQ(other_process_.version(), before) << "nothing is written for a request";
    EXPECT_EQ(stored_use("kitchen"), 0);
    EXPECT_GE(access_.now_known().tokens[1].used, clock_.now() - kUseGrain);
    EXPECT_GE(access_.now_known().sessions[0].used, clock_.now() - kUseGrain);

    ASSERT_TRUE(loop_.wait_for(access_.add_token(digest(own), {.name = "other"})));
    EXPECT_GE(stored_use("kitchen"), clock_.now() - kUseGrain);
    EXPECT_GE(stored().sessions[0].used, clock_.now() - kUseGrain);
    EXPECT_EQ(stored_use("other"), 0);
}

TEST_F(AccessChangesTest, UsesAreWrittenOnceADay) {
    const std::string secret = token({.name = "kitchen"});
    ASSERT_TRUE(access_.reload());
    const Nanoseconds start = clock_.now();
    for (int hour = 1; hour <= 24; ++hour) {
        EXPECT_EQ(stored_use("kitchen"), 0) << hour;
        clock_.advance(kHour);
        ASSERT_TRUE(access_.by_token(secret));
    }
    // The worker does it in its own time.
    while (stored_use("kitchen") == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(stored_use("kitchen"), start + kDay);
    clock_.advance(kHour);
    ASSERT_TRUE(access_.by_token(secret));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(stored_use("kitchen"), start + kDay) << "not again before the next day";
}

TEST_F(AccessChangesTest, UsesAreWrittenAtTheEnd) {
    const std::string secret = token({.name = "kitchen"});
    ASSERT_TRUE(access_.reload());
    const FileVersion before = other_process_.version();
    access_.write_uses();
    EXPECT_EQ(other_process_.version(), before) << "no news, no write";
    clock_.advance(kHour);
    ASSERT_TRUE(access_.by_token(secret));
    access_.write_uses();
    EXPECT_EQ(stored_use("kitchen"), clock_.now());
}

// As with server.threads: each loop has an Access of its own.
TEST_F(AccessChangesTest, LoopsShareWhatIsUsed) {
    const auto shared = std::make_shared<AccessShared>(clock_);
    Access one(real_file_system(), clock_, loop_, directory_.path(), shared);
    Access two(real_file_system(), clock_, loop_, directory_.path(), shared);
    const std::string secret = token({.name = "kitchen"});
    clock_.advance(kHour);
    ASSERT_TRUE(one.by_token(secret));
    ASSERT_TRUE(two.reload());
    EXPECT_EQ(two.now_known().tokens[0].used, clock_.now());
}

}  // namespace
}  // namespace pomiar::access
