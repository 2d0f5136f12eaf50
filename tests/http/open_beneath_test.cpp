// Opening files below a directory: with openat2 and step by step, the same answers, and nothing from elsewhere.
#include "http/open_beneath.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support/temporary_directory.hpp"

namespace pomiar::http::test {
namespace {

namespace fs = std::filesystem;
using Open = Result<OpenFile> (*)(const std::string&, const std::string&);

class OpenBeneath : public testing::TestWithParam<Open> {
  protected:
    void SetUp() override {
        fs::create_directories(root / "deep/deeper");
        write(root / "plain.txt", "plain");
        write(root / "deep/deeper/file", "deep");
        write(temporary.path() + "/secret", "secret");
        fs::create_symlink("../secret", root / "out");
        fs::create_symlink("plain.txt", root / "in");
        fs::create_symlink("deep", root / "folder");
        fs::create_symlink(temporary.path(), root / "up");
        fs::create_symlink("loop", root / "loop");
        ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    }
    static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
    Result<OpenFile> open(const std::string& path) const { return GetParam()(root, path); }
    std::string text(const std::string& path) const {
        const auto file = open(path);
        if (!file) return "error: " + file.error().message;
        char bytes[100];
        const ssize_t got = ::read(file->descriptor.get(), bytes, sizeof bytes);
        return {bytes, static_cast<std::size_t>(got)};
    }

    pomiar::test::TemporaryDirectory temporary;
    const fs::path root = temporary.path() + "/static";
};

INSTANTIATE_TEST_SUITE_P(Ways, OpenBeneath, testing::Values(open_beneath, walk_beneath),
                         [](const auto& one) { return one.index == 0 ? "AtOnce" : "StepByStep"; });

TEST_P(OpenBeneath, GivesFiles) {
    EXPECT_EQ(text("plain.txt"), "plain");
    EXPECT_EQ(text("deep/deeper/file"), "deep");
    EXPECT_EQ(open("plain.txt")->status.st_size, 5);
}

TEST_P(OpenBeneath, RefusesWhatIsNotBelowOrNoFile) {
    for (const std::string path : {"none", "deep", "deep/deeper", "plain.txt/", "plain.txt/x", "deep/none/file", "out",
                                   "in", "folder/deeper/file", "up/secret", "loop", "loop/x", "pipe", "../secret",
                                   "deep/../../secret", "..", "/etc/passwd", ""}) {
        const auto file = open(path);
        ASSERT_FALSE(file) << path;
        EXPECT_EQ(file.error().kind, ErrorKind::not_found) << path;
    }
    EXPECT_EQ(open(std::string(300, 'a')).error().kind, ErrorKind::not_found);
    EXPECT_EQ(open(std::string(5000, 'a')).error().kind, ErrorKind::not_found);
}

TEST_P(OpenBeneath, RefusesASocket) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (root / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(open("socket").error().kind, ErrorKind::not_found);
    ::close(socket);
}

TEST_P(OpenBeneath, TheDirectoryMayBeALinkOrMissing) {
    fs::create_symlink(root, temporary.path() + "/link");
    EXPECT_TRUE(GetParam()(temporary.path() + "/link", "plain.txt"));
    EXPECT_EQ(GetParam()(temporary.path() + "/none", "plain.txt").error().kind, ErrorKind::not_found);
}

TEST_P(OpenBeneath, SaysWhenPermissionsAreMissing) {
    fs::permissions(root / "plain.txt", fs::perms::none);
    const auto file = open("plain.txt");
    if (::geteuid() == 0) {
        EXPECT_TRUE(file) << "root may read everything";
    } else {
        EXPECT_EQ(file.error().kind, ErrorKind::denied);
    }
}

}  // namespace
}  // namespace pomiar::http::test
