#include "web/access/uses.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace pomiar::access {
namespace {

TEST(Uses, GoIntoWhatIsThereAndForgetTheRest) {
    test::FakeClock clock;
    clock.set(kHour);
    Uses uses(clock);
    AccessState state;
    const Digest token = digest(*add_token(state, {.name = "a"}, 1));
    const Digest session = digest(add_session(state, 1));
    const Digest revoked = digest(*add_token(state, {.name = "b"}, 1));
    for (const Digest& each : {token, session, revoked}) uses.note(each);
    ASSERT_TRUE(revoke_token(state, "b"));
    EXPECT_TRUE(uses.has_news());
    uses.write_into(state);
    EXPECT_FALSE(uses.has_news());
    EXPECT_EQ(state.tokens[0].used, kHour);
    EXPECT_EQ(state.sessions[0].used, kHour);

    state.tokens.push_back({"b", revoked, Can::write, "", 1, 0});
    uses.show_in(state);
    EXPECT_EQ(state.tokens[1].used, 0) << "it was forgotten when it was gone";
}

TEST(Uses, AreDueOnceInAPeriodAndOnlyWithNews) {
    test::FakeClock clock;
    Uses uses(clock);
    clock.advance(kUsesWrittenEvery);
    EXPECT_FALSE(uses.is_due());
    uses.note(digest("x"));
    EXPECT_TRUE(uses.is_due());
    EXPECT_FALSE(uses.is_due()) << "whoever asked first writes";
    clock.advance(kUsesWrittenEvery);
    EXPECT_TRUE(uses.is_due());
}

}  // namespace
}  // namespace pomiar::access
