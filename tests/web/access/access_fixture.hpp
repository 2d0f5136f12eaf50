// Access over a file in a temporary directory, which another process may change, too.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "web/access/access.hpp"
#include "web/access/test_loop.hpp"

namespace pomiar::access {

class AccessFixture : public testing::Test {
  protected:
    std::string token(const NewToken& wanted) {
        std::string secret;
        EXPECT_TRUE(other_process_.update([&](AccessState& state) -> Result<> {
            secret = *add_token(state, wanted, clock_.now());
            return {};
        }));
        return secret;
    }

    void revoke(std::string_view name) {
        EXPECT_TRUE(other_process_.update([&](AccessState& state) { return revoke_token(state, name); }));
    }

    void set_password_elsewhere(std::string_view password) {
        EXPECT_TRUE(other_process_.update([&](AccessState& state) -> Result<> {
            set_password(state, *hash_password(password));
            return {};
        }));
    }

    std::string set_up() {
        const auto key = access_.begin_setup();
        const SignIn done = loop_.wait_for(access_.set_up({"10.0.0.9"}, **key, "correct horse"));
        EXPECT_EQ(done.message, "");
        return done.session;
    }

    const test::TemporaryDirectory directory_;
    test::FakeClock clock_;
    TestLoop loop_;
    AccessFile other_process_{real_file_system(), directory_.path()};
    Access access_{real_file_system(), clock_, loop_, directory_.path()};
};

}  // namespace pomiar::access
