// What the server tells of the machine, and to whom.
#include <optional>
#include <thread>

#include <gmock/gmock.h>

#include "web/access/guard.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using access::Principal;
using ::testing::HasSubstr;
using ::testing::Not;

class Status : public WebFixture {
  protected:
    WebOptions web_options() override {
        return {.version = "0.1.0",
                .backup = [] { return BackupState{.to = "/media/stick", .last = {}, .next = {}, .trouble = {}}; },
                .flash =
                    [this] {
                        flash_asked_by = std::this_thread::get_id();
                        FlashState flash{};
                        flash.mount_point = "/srv";
                        return flash;
                    }};
    }
    std::string told(const std::string& path, const std::string& only) {
        auto request = make(http::Method::get, path);
        request.identity = Principal{.via = Principal::Via::token, .can = access::Can::read, .only = only};
        const auto response = ask(std::move(request));
        EXPECT_EQ(response.status, 200);
        return body_of(response);
    }

    std::optional<std::thread::id> flash_asked_by;
};

TEST_F(Status, TellsOfTheMachineWhoMaySeeAll) {
    const std::string status = told("/api/v1/status", "");
    EXPECT_THAT(status, HasSubstr("\"to\":\"/media/stick\""));
    EXPECT_THAT(status, HasSubstr("\"mount_point\":\"/srv\""));
    const std::string metrics = told("/metrics", "");
    EXPECT_THAT(metrics, HasSubstr("pomiar_backup_missing 0"));
    EXPECT_THAT(metrics, HasSubstr("pomiar_flash_written_bytes_total 0"));
    EXPECT_THAT(metrics, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(Status, TellsOthersNothingOfIt) {
    EXPECT_THAT(told("/api/v1/status", "garden"), HasSubstr(",\"backup\":null,\"flash\":null}"));
    const std::string metrics = told("/metrics", "garden");
    EXPECT_THAT(metrics, Not(HasSubstr("pomiar_backup")));
    EXPECT_THAT(metrics, Not(HasSubstr("pomiar_flash")));
    EXPECT_THAT(metrics, HasSubstr("pomiar_readings_stored_total"));
    EXPECT_FALSE(flash_asked_by);
}

TEST_F(Status, ReadsFilesBesideTheLoop) {
    for (const char* path : {"/api/v1/status", "/metrics"}) {
        flash_asked_by.reset();
        (void)told(path, "");
        ASSERT_TRUE(flash_asked_by) << path;
        EXPECT_NE(*flash_asked_by, thread.get_id()) << path;
    }
}

}  // namespace
}  // namespace pomiar::web::test
