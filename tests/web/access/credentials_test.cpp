#include "web/access/credentials.hpp"

#include <gtest/gtest.h>

#include "web/access/next_path.hpp"

namespace pomiar::access {
namespace {

TEST(Credentials, AreFoundInEveryForm) {
    const struct {
        const char* header;
        const char* token;
    } rows[] = {
        {"Bearer abc", "abc"},        {"bearer abc", "abc"},         {"Bearer   abc ", "abc"},
        {"Token abc", "abc"},         {"Token user:abc", "abc"},     {"Basic dXNlcjphYmM=", "abc"},
        {"Basic dXNlcjphYmM", "abc"}, {"BASIC dXNlcjphYmM=", "abc"}, {"Basic OmFiYw==", "abc"},
        {"Basic dTphOmI=", "a:b"},
    };
    for (const auto& row : rows) EXPECT_EQ(token_from_authorization(row.header), row.token) << row.header;
}

TEST(Credentials, AreNotFoundInOtherTexts) {
    const std::string wrong[] = {"",
                                 " ",
                                 "abc",
                                 "Bearer",
                                 "Bearer ",
                                 "Bearerabc",
                                 "Digest abc",
                                 "Token ",
                                 "Token user:",
                                 "Basic",
                                 "Basic dXNlcg==",
                                 "Basic dXNlcjo=",
                                 "Basic !!!!",
                                 "Basic dXNlcjphYmN",
                                 "Basic dXNlc\njphYmM=",
                                 "Basic dXNlcjphYmM===",
                                 "Bearer " + std::string(kTokenBytesMax + 1, 'a'),
                                 "Bearer " + std::string(100'000, 'a')};
    for (const auto& header : wrong) EXPECT_FALSE(token_from_authorization(header)) << header.substr(0, 40);
}

TEST(NextPath, KeepsPathsOfThisServer) {
    for (const char* path : {"/", "/sensors/a%2Fb?range=1h", "/pages/x#y", "/a//b", "/a:b@c"})
        EXPECT_EQ(safe_next(path), path);
}

TEST(NextPath, NeverLeavesThisServer) {
    const std::string wrong[] = {"",
                                 "//evil.example",
                                 "/\\evil.example",
                                 "/\t/evil.example",
                                 "\\\\evil",
                                 "https://evil.example",
                                 "javascript:alert(1)",
                                 "evil.example",
                                 "/a\r\nX: y",
                                 "/a b",
                                 " /a",
                                 std::string("/a\0b", 4),
                                 "/\xc3\xa9",
                                 "/" + std::string(3000, 'a'),
                                 "/a\\b"};
    for (const auto& path : wrong) EXPECT_EQ(safe_next(path), "/") << path.substr(0, 40);
}

}  // namespace
}  // namespace pomiar::access
