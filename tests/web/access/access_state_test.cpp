#include "web/access/access_state.hpp"

#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "support/temporary_directory.hpp"
#include "web/access/access_file.hpp"

namespace pomiar::access {
namespace {

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;

AccessState some_state() {
    AccessState state;
    EXPECT_TRUE(
        add_token(state, {.name = "kitchen \"1\" \xc3\xa9", .can = Can::write, .only = "climate,room=k"}, kNow));
    EXPECT_TRUE(add_token(state, {.name = "grafana", .can = Can::read, .only = ""}, kNow + 1));
    add_session(state, kNow, {.address = "10.0.0.1", .browser = "Firefox · Android"});
    state.tokens[1].used = kNow + kMinute;
    state.password = "$argon2id$x";
    return state;
}

TEST(AccessState, ComesBackFromItsText) {
    const AccessState state = some_state();
    const auto again = access_state_from_json(to_json(state));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(*again), to_json(state));
    ASSERT_EQ(again->tokens.size(), 2u);
    EXPECT_EQ(again->tokens[0].name, state.tokens[0].name);
    EXPECT_EQ(again->tokens[0].digest, state.tokens[0].digest);
    EXPECT_EQ(again->tokens[0].only, "climate,room=k");
    EXPECT_EQ(again->tokens[1].can, Can::read);
    EXPECT_EQ(again->tokens[1].created, kNow + 1);
    EXPECT_EQ(again->tokens[0].used, 0);
    EXPECT_EQ(again->tokens[1].used, kNow + kMinute);
    EXPECT_EQ(again->sessions[0].expires, kNow + kSessionLife);
    EXPECT_EQ(again->sessions[0].used, kNow);
    EXPECT_EQ(again->sessions[0].from.address, "10.0.0.1");
    EXPECT_EQ(again->sessions[0].from.browser, "Firefox · Android");
}

TEST(AccessState, AFileOfAnEarlierVersionIsRead) {
    const std::string hex(64, 'a');
    const auto state = access_state_from_json(
        R"({"version":1,"password":"","setup":"","tokens":[{"name":"k","digest":")" + hex +
        R"(","can":"write","only":"","created":"2026-11-23T18:00:00Z"}],"sessions":[{"digest":")" + hex +
        R"(","created":"2026-11-23T18:00:00Z","expires":"2026-12-23T18:00:00Z"}]})");
    ASSERT_TRUE(state) << state.error().message;
    EXPECT_EQ(state->tokens[0].used, 0);
    EXPECT_EQ(state->sessions[0].used, 0);
    EXPECT_EQ(state->sessions[0].from.browser, "");
}

TEST(AccessState, APrefixIsShortPlainText) {
    AccessState state;
    EXPECT_TRUE(add_token(state, {.name = "a", .only = std::string(kTokenOnlyBytesMax, 'x')}, kNow));
    for (const std::string& only :
         {std::string(kTokenOnlyBytesMax + 1, 'x'), std::string("a\nb\n"), std::string("\xff")})
        EXPECT_FALSE(add_token(state, {.name = "b", .only = only}, kNow)) << only;
    EXPECT_EQ(state.tokens.size(), 1u);
}

TEST(AccessState, ASessionsIdTellsNothingOfItsSecret) {
    AccessState state;
    const std::string secret = add_session(state, kNow);
    const std::string id = session_id(state.sessions[0]);
    EXPECT_EQ(id.size(), 16u);
    EXPECT_EQ(secret.find(id), std::string::npos);
    add_session(state, kNow);
    EXPECT_NE(session_id(state.sessions[1]), id);
}

TEST(AccessState, RefusesDamagedText) {
    const std::string good = to_json(some_state());
    ASSERT_TRUE(access_state_from_json(good));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    const std::string wrong[] = {"",
                                 "[]",
                                 "{}",
                                 good.substr(0, good.size() / 2),
                                 with("\"version\":1", "\"version\":2"),
                                 with("\"can\":\"write\"", "\"can\":\"all\""),
                                 with("\"created\":\"2026", "\"created\":\"x026"),
                                 with("\"digest\":\"", "\"digest\":\"x"),
                                 with("\"setup\":\"\"", "\"setup\":\"1\""),
                                 with("\"tokens\":[", "\"tokens\":[1,"),
                                 with("\"sessions\":", "\"session\":"),
                                 with("\"password\":\"$argon2id$x\"", "\"password\":null")};
    for (const auto& text : wrong) {
        const auto state = access_state_from_json(text);
        ASSERT_FALSE(state) << text;
        EXPECT_EQ(state.error().kind, ErrorKind::corrupt);
    }
}

TEST(AccessState, SurvivesAnyBytes) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::string good = to_json(some_state());
    for (int i = 0; i < 500; ++i) {
        std::string text = good;
        for (int n = 0; n < 3; ++n) text[random() % text.size()] = static_cast<char>(random());
        (void)access_state_from_json(text);
    }
}

TEST(AccessState, TokensHaveGoodNamesAndLimits) {
    AccessState state;
    for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a\nb"), std::string(" a"),
                                    std::string("a "), std::string("\xff"), std::string("a\0", 2)}) {
        const auto added = add_token(state, {.name = name}, kNow);
        ASSERT_FALSE(added) << name;
        EXPECT_EQ(added.error().kind, ErrorKind::invalid);
    }
    const auto token = add_token(state, {.name = "a"}, kNow);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->size(), kTokenPrefix.size() + 43);
    EXPECT_TRUE(token->starts_with(kTokenPrefix));
    EXPECT_EQ(add_token(state, {.name = "a"}, kNow).error().kind, ErrorKind::conflict);
    for (std::size_t i = 1; i < kTokensMax; ++i) ASSERT_TRUE(add_token(state, {.name = std::to_string(i)}, kNow));
    EXPECT_EQ(add_token(state, {.name = "b"}, kNow).error().kind, ErrorKind::full);
    EXPECT_TRUE(access_state_from_json(to_json(state)));
    EXPECT_LT(to_json(state).size(), kAccessFileBytesMax / 2);
    EXPECT_TRUE(revoke_token(state, "a"));
    EXPECT_EQ(revoke_token(state, "a").error().kind, ErrorKind::not_found);
}

TEST(AccessState, TheOldestSessionMakesRoom) {
    AccessState state;
    const std::string oldest = add_session(state, kNow);
    std::string newest;
    for (std::size_t i = 0; i < kSessionsMax; ++i) newest = add_session(state, kNow + 1);
    EXPECT_EQ(state.sessions.size(), kSessionsMax);
    for (const auto& session : state.sessions) EXPECT_NE(session.digest, digest(oldest));
    add_session(state, kNow + kSessionLife + 1);
    EXPECT_EQ(state.sessions.size(), 1u);
}

TEST(AccessFile, KeepsNoSecret) {
    const test::TemporaryDirectory directory;
    const AccessFile file(real_file_system(), directory.path());
    std::string token;
    std::string session;
    ASSERT_TRUE(file.update([&](AccessState& state) -> Result<> {
        token = *add_token(state, {.name = "a"}, kNow);
        session = add_session(state, kNow);
        return {};
    }));
    const auto text = read_whole(real_file_system(), file.path(), 1 << 20);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find(token.substr(kTokenPrefix.size())), std::string::npos);
    EXPECT_EQ(text->find(session), std::string::npos);
    EXPECT_EQ(file.read()->tokens.front().digest, digest(token));
}

TEST(AccessFile, AFailedChangeChangesNothing) {
    const test::TemporaryDirectory directory;
    const AccessFile file(real_file_system(), directory.path());
    EXPECT_EQ(file.version(), FileVersion{});
    ASSERT_TRUE(file.update([](AccessState&) -> Result<> { return {}; }));
    const FileVersion before = file.version();
    EXPECT_NE(before, FileVersion{});
    EXPECT_FALSE(file.update([](AccessState& state) -> Result<> { return revoke_token(state, "a"); }));
    EXPECT_EQ(file.version(), before);
}

TEST(AccessFile, IsNeverReplacedWhenDamaged) {
    const test::TemporaryDirectory directory;
    const AccessFile file(real_file_system(), directory.path());
    ASSERT_TRUE(write_whole(real_file_system(), file.path(), "{\"version\":1"));
    const auto updated = file.update([](AccessState&) -> Result<> { return {}; });
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().kind, ErrorKind::corrupt);
    EXPECT_NE(updated.error().message.find(file.path()), std::string::npos);
    EXPECT_EQ(*read_whole(real_file_system(), file.path(), 100), "{\"version\":1");
}

// So large that it could not be read again.
TEST(AccessFile, NeverOutgrowsWhatIsRead) {
    const test::TemporaryDirectory directory;
    const AccessFile file(real_file_system(), directory.path());
    ASSERT_TRUE(file.update([](AccessState&) -> Result<> { return {}; }));
    const auto updated = file.update([](AccessState& state) -> Result<> {
        state.password = std::string(kAccessFileBytesMax, 'x');
        return {};
    });
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().kind, ErrorKind::full);
    EXPECT_TRUE(file.read());
}

TEST(Secrets, AreDistinctAndDeriveDistinctly) {
    const std::string a = random_secret();
    EXPECT_EQ(a.size(), 43u);
    EXPECT_NE(a, random_secret());
    EXPECT_NE(derive(a, "x"), derive(a, "y"));
    EXPECT_EQ(derive(a, "x"), derive(a, "x"));
    EXPECT_EQ(digest_from_hex(to_hex(digest(a))), digest(a));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
    // BLAKE2b-256 of "abc", as `b2sum -l 256` gives it.
    EXPECT_EQ(to_hex(digest("abc")), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Secrets, PasswordsAreChecked) {
    EXPECT_FALSE(check_password("seven77"));
    EXPECT_FALSE(check_password(std::string(1025, 'a')));
    EXPECT_FALSE(check_password("\xff\xff\xff\xff\xff\xff\xff\xff"));
    EXPECT_TRUE(check_password("eight888"));
    for (const char* frequent : {"password", "12345678", "QwertyUiop", "trustno1"})
        EXPECT_FALSE(check_password(frequent)) << frequent;
    for (const char* rare : {"password of mine", "12345678 12345678", "assword1", "trustno1 "})
        EXPECT_TRUE(check_password(rare)) << rare;
    const auto hash = hash_password("eight888");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=16384,t=3,p=1$")) << *hash;
    EXPECT_TRUE(verify_password("eight888", *hash));
    EXPECT_FALSE(verify_password("eight889", *hash));
    EXPECT_FALSE(verify_password("eight888", ""));
    EXPECT_FALSE(verify_password("eight888", "$argon2id$"));
}

// The most memory that this process ever had tells whether two were at it together.
TEST(Secrets, OnePasswordAtATimeTakesItsMemory) {
    const auto most_kibibytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const auto hash = hash_password("eight888");
    const long one = most_kibibytes();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                EXPECT_EQ(verify_password(i % 2 == 0 ? "eight888" : "eight889", *hash), i % 2 == 0);
                EXPECT_TRUE(hash_password("eight888"));
            });
        }
    }
    EXPECT_LT(most_kibibytes() - one, 8 * 1024);
}

}  // namespace
}  // namespace pomiar::access
