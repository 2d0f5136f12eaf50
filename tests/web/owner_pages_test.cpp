#include "web/pages/owner_pages.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "http/file_body.hpp"
#include "web/access/guard.hpp"
#include "web/built_templates.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using access::Principal;
using testing::HasSubstr;
using testing::Not;

class OwnerPagesTest : public WebFixture {
  protected:
    WebOptions web_options() override {
        auto facts = std::make_shared<OwnerFacts>();
        facts->settings = {{"storage.sync", "\"10s\"", "pomiar.toml:3", "When a reading reaches the flash."}};
        facts->budget = 80u << 20;
        facts->certificate = [] {
            return CertificateState{.is_own = true, .ends = 2'000'000'000 * kSecond, .names = {"pomiar.local"}};
        };
        facts->back_up_now = [this] { ++asked; };
        return {.version = "0.1.0",
                .backup = [this] { return backup; },
                .templates = built_templates(),
                .facts = std::move(facts)};
    }
    http::Response visit(http::Method method, std::string target, std::string form = "") {
        auto request = make(method, std::move(target));
        request.body = std::move(form);
        request.headers.add("Accept", "text/html");
        request.identity = Principal{Principal::Via::session, access::Can::admin, "", "", "proof"};
        return ask(std::move(request));
    }

    std::optional<BackupState> backup;
    std::atomic<int> asked = 0;
};

TEST_F(OwnerPagesTest, StatusShowsFiguresAndWarnings) {
    const auto response = visit(http::Method::get, "/status");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("No backups are made."));
    EXPECT_THAT(response.body, HasSubstr("of at most 80.0 MiB"));
    EXPECT_FALSE(response.compress);
}

TEST_F(OwnerPagesTest, SettingsShowWhatIsInForce) {
    const auto response = visit(http::Method::get, "/settings");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("storage.sync"));
    EXPECT_THAT(response.body, HasSubstr("&#34;10s&#34;"));
    EXPECT_THAT(response.body, HasSubstr("pomiar.toml:3"));
    EXPECT_THAT(response.body, HasSubstr("pomiar.local"));
    EXPECT_THAT(response.body, HasSubstr("2033-05-18"));
    EXPECT_THAT(response.body, HasSubstr("/authority.crt"));
    EXPECT_THAT(response.body, HasSubstr("No place for backups is set."));
}

TEST_F(OwnerPagesTest, ABackupIsMadeWhenAskedFor) {
    backup = BackupState{.to = "/mnt/stick", .last = {}, .next = {}, .trouble = ""};
    EXPECT_EQ(visit(http::Method::post, "/settings/backup").status, 403) << "another site's form";
    EXPECT_EQ(asked, 0);
    const auto response = visit(http::Method::post, "/settings/backup", "csrf=proof");
    EXPECT_EQ(response.status, 303);
    EXPECT_EQ(asked, 1);
    EXPECT_THAT(visit(http::Method::get, "/settings?backup=asked").body, HasSubstr("A backup is being made."));
}

TEST_F(OwnerPagesTest, TheLastBackupCanBeTaken) {
    EXPECT_EQ(visit(http::Method::get, "/settings/backup.db").status, 404) << "there is none";
    const std::string file = directory.path() + "/pomiar-2026-11-26.db";
    backup =
        BackupState{.to = directory.path(), .last = BackupState::Made{file, kSecond, 7}, .next = {}, .trouble = ""};
    EXPECT_EQ(visit(http::Method::get, "/settings/backup.db").status, 404) << "the stick is not in";
    std::ofstream(file) << "content";
    const auto response = visit(http::Method::get, "/settings/backup.db");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(http::body_size(response), 7u);
    EXPECT_EQ(response.headers.get("Content-Disposition"), "attachment; filename=\"pomiar-2026-11-26.db\"");
    std::filesystem::create_symlink("/etc/passwd", directory.path() + "/pomiar-link.db");
    backup->last->file = directory.path() + "/pomiar-link.db";
    EXPECT_EQ(visit(http::Method::get, "/settings/backup.db").status, 404);
}

}  // namespace
}  // namespace pomiar::web::test
