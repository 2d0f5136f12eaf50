#include "web/access/access_state.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::access {
namespace {

namespace json = boost::json;

constexpr int kVersion = 1;

constexpr std::size_t kSessionIdLength = 16;

bool is_plain_text(std::string_view text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return is_utf8(text) && std::ranges::none_of(text, is_control);
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kTokenNameBytesMax && is_plain_text(name) && trim(name) == name;
}

std::unexpected<Error> damaged(std::string_view what) {
    return failure(ErrorKind::corrupt, fmt::format("{} is missing or not what was written", what));
}

Result<std::string> text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return damaged(key);
    return std::string(value->get_string());
}

Result<Nanoseconds> time_at(const json::object& object, std::string_view key) {
    const auto text = text_at(object, key);
    const auto time = text ? parse_time(*text) : std::nullopt;
    if (!time) return damaged(key);
    return *time;
}

// Members that files of earlier versions do not have.
std::string text_if_there(const json::object& object, std::string_view key) {
    return text_at(object, key).value_or("");
}
Nanoseconds time_if_there(const json::object& object, std::string_view key) {
    return parse_time(text_if_there(object, key)).value_or(0);
}

Result<Digest> digest_at(const json::object& object, std::string_view key) {
    const auto text = text_at(object, key);
    const auto found = text ? digest_from_hex(*text) : std::nullopt;
    if (!found) return damaged(key);
    return *found;
}

Result<StoredToken> read_token(const json::value& value) {
    if (!value.is_object()) return damaged("a token");
    const json::object& object = value.get_object();
    const auto name = text_at(object, "name");
    const auto found = digest_at(object, "digest");
    const auto can_text = text_at(object, "can");
    const auto can = can_text ? parse_can(*can_text) : std::nullopt;
    const auto only = text_at(object, "only");
    const auto created = time_at(object, "created");
    if (!name || !found || !can || !only || !created) return damaged("a part of a token");
    return StoredToken{*name, *found, *can, *only, *created, time_if_there(object, "used")};
}

Result<StoredSession> read_session(const json::value& value) {
    if (!value.is_object()) return damaged("a session");
    const json::object& object = value.get_object();
    const auto found = digest_at(object, "digest");
    const auto created = time_at(object, "created");
    const auto expires = time_at(object, "expires");
    if (!found || !created || !expires) return damaged("a part of a session");
    return StoredSession{*found, *created, *expires, time_if_there(object, "used"),
                         Visitor{text_if_there(object, "address"), text_if_there(object, "browser")}};
}

template <class T, class Read>
Result<> read_list(const json::object& object, std::string_view key, std::size_t max, Read read, std::vector<T>& out) {
    const json::value* list = object.if_contains(key);
    if (list == nullptr || !list->is_array() || list->get_array().size() > max) return damaged(key);
    for (const json::value& element : list->get_array()) {
        auto item = read(element);
        if (!item) return failure(std::move(item));
        out.push_back(std::move(*item));
    }
    return {};
}

}  // namespace

std::string_view name(Can can) {
    if (can == Can::read) return "read";
    return can == Can::write ? "write" : "admin";
}

std::optional<Can> parse_can(std::string_view text) {
    for (Can can : {Can::read, Can::write, Can::admin})
        if (name(can) == text) return can;
    return std::nullopt;
}

Result<std::string> add_token(AccessState& state, const NewToken& token, Nanoseconds now) {
    if (!is_name(token.name)) {
        return failure(ErrorKind::invalid, fmt::format("a token's name has 1 to {} bytes of text without control "
                                                       "characters or blanks at its ends",
                                                       kTokenNameBytesMax));
    }
    if (!is_plain_text(token.only) || token.only.size() > kTokenOnlyBytesMax) {
        return failure(ErrorKind::invalid, fmt::format("the prefix has at most {} bytes of text without control "
                                                       "characters",
                                                       kTokenOnlyBytesMax));
    }
    if (std::ranges::find(state.tokens, token.name, &StoredToken::name) != state.tokens.end())
        return failure(ErrorKind::conflict, fmt::format("there is a token {} already; revoke it first", token.name));
    if (state.tokens.size() >= kTokensMax)
        return failure(ErrorKind::full, fmt::format("there are {} tokens already, the most there may be", kTokensMax));
    std::string secret = random_secret(kTokenPrefix);
    state.tokens.push_back({token.name, digest(secret), token.can, token.only, now, 0});
    return secret;
}

void add_known_token(AccessState& state, const NewToken& token, std::string_view secret, Nanoseconds now) {
    const bool is_taken = std::ranges::find(state.tokens, token.name, &StoredToken::name) != state.tokens.end();
    if (is_taken || state.tokens.size() >= kTokensMax) return;
    state.tokens.push_back({token.name, digest(secret), token.can, token.only, now, 0});
}

Result<> revoke_token(AccessState& state, std::string_view name) {
    if (std::erase_if(state.tokens, [&](const StoredToken& token) { return token.name == name; }) == 0)
        return failure(ErrorKind::not_found, fmt::format("there is no token {}", name));
    return {};
}

std::string add_session(AccessState& state, Nanoseconds now, Visitor from) {
    std::erase_if(state.sessions, [&](const StoredSession& session) { return session.expires <= now; });
    if (state.sessions.size() >= kSessionsMax)
        state.sessions.erase(std::ranges::min_element(state.sessions, {}, &StoredSession::created));
    std::string secret = random_secret();
    state.sessions.push_back({digest(secret), now, now + kSessionLife, now, std::move(from)});
    return secret;
}

std::string session_id(const StoredSession& session) {
    return to_hex(session.digest).substr(0, kSessionIdLength);
}

void end_session(AccessState& state, const Digest& digest) {
    std::erase_if(state.sessions, [&](const StoredSession& session) { return session.digest == digest; });
}

void set_password(AccessState& state, std::string hash) {
    state.password = std::move(hash);
    state.setup.reset();
    state.sessions.clear();
}

std::string start_setup(AccessState& state) {
    std::string key = random_secret();
    state.setup = digest(key);
    return key;
}

std::string to_json(const AccessState& state) {
    json::array tokens;
    for (const auto& token : state.tokens) {
        tokens.push_back(json::object{{"name", token.name},
                                      {"digest", to_hex(token.digest)},
                                      {"can", name(token.can)},
                                      {"only", token.only},
                                      {"created", format_time(token.created)},
                                      {"used", token.used == 0 ? "" : format_time(token.used)}});
    }
    json::array sessions;
    for (const auto& session : state.sessions) {
        sessions.push_back(json::object{{"digest", to_hex(session.digest)},
                                        {"created", format_time(session.created)},
                                        {"expires", format_time(session.expires)},
                                        {"used", session.used == 0 ? "" : format_time(session.used)},
                                        {"address", session.from.address},
                                        {"browser", session.from.browser}});
    }
    const json::object whole{{"version", kVersion},
                             {"password", state.password},
                             {"setup", state.setup ? to_hex(*state.setup) : ""},
                             {"tokens", std::move(tokens)},
                             {"sessions", std::move(sessions)}};
    return json::serialize(whole) + "\n";
}

Result<AccessState> access_state_from_json(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error || !value.is_object()) return failure(ErrorKind::corrupt, "it is not JSON");
    const json::object& object = value.get_object();
    const json::value* version = object.if_contains("version");
    if (version == nullptr || *version != kVersion)
        return failure(ErrorKind::corrupt, fmt::format("its version is not {}", kVersion));

    AccessState state;
    auto password = text_at(object, "password");
    if (!password) return failure(std::move(password));
    state.password = std::move(*password);
    auto setup = text_at(object, "setup");
    if (!setup) return failure(std::move(setup));
    state.setup = digest_from_hex(*setup);
    if (!setup->empty() && !state.setup) return damaged("setup");
    if (auto r = read_list(object, "tokens", kTokensMax, read_token, state.tokens); !r) return failure(std::move(r));
    if (auto r = read_list(object, "sessions", kSessionsMax, read_session, state.sessions); !r)
        return failure(std::move(r));
    return state;
}

}  // namespace pomiar::access
