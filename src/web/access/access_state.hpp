// All that is kept about access: a password, tokens, sessions and a setup link, everything but names as digests.
// The format is described in docs/formats/access.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "web/access/principal.hpp"
#include "web/access/secrets.hpp"

namespace pomiar::access {

inline constexpr std::size_t kTokensMax = 256;
inline constexpr std::size_t kTokenNameBytesMax = 64;
inline constexpr std::size_t kTokenOnlyBytesMax = 256;
inline constexpr std::size_t kSessionsMax = 64;  // one more ends the oldest
inline constexpr Nanoseconds kSessionLife = 30 * kDay;
inline constexpr std::string_view kTokenPrefix = "pomiar_";

struct StoredToken {
    std::string name;
    Digest digest;
    Can can = Can::write;
    std::string only;
    Nanoseconds created = 0;
    Nanoseconds used = 0;  // last; 0: never. As of the file; see Uses
};

// Who signs in, for the list of sessions.
struct Visitor {
    std::string address;
    std::string browser = {};  // browser_name()
};

struct StoredSession {
    Digest digest;
    Nanoseconds created = 0;
    Nanoseconds expires = 0;
    Nanoseconds used = 0;  // as of a token
    Visitor from = {};     // when it began
};

struct AccessState {
    std::string password;         // argon2id text; "": none yet
    std::optional<Digest> setup;  // of the one-time link's key, while there is no password
    std::vector<StoredToken> tokens;
    std::vector<StoredSession> sessions;
};

struct NewToken {
    std::string name;
    Can can = Can::write;
    std::string only = {};
};

// Gives the token, which is not kept. Errors: invalid (name, only), conflict (name taken), full.
Result<std::string> add_token(AccessState& state, const NewToken& token, Nanoseconds now);
// With a secret that is known already; nothing where there is one of that name.
void add_known_token(AccessState& state, const NewToken& token, std::string_view secret, Nanoseconds now);
// Errors: not_found.
Result<> revoke_token(AccessState& state, std::string_view name);

// Gives the session's secret, which is not kept. Drops expired ones.
std::string add_session(AccessState& state, Nanoseconds now, Visitor from = {});
void end_session(AccessState& state, const Digest& digest);
// What a page calls a session: tells nothing of its secret.
std::string session_id(const StoredSession& session);
// Ends all sessions and the setup link: whoever knew the old password is out.
void set_password(AccessState& state, std::string hash);
// Gives the key for a new link; earlier links end.
std::string start_setup(AccessState& state);

std::string to_json(const AccessState& state);
// Errors: corrupt, says where.
Result<AccessState> access_state_from_json(std::string_view text);

}  // namespace pomiar::access
