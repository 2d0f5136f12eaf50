// Random secrets, their digests, and passwords. libsodium stays in secrets.cpp.
// Thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pomiar::access {

// A secret is 32 random bytes as 43 characters of base64url (RFC 4648 section 5), after `prefix`.
std::string random_secret(std::string_view prefix = "");

// BLAKE2b-256. A secret has 256 bits of its own, so its digest needs no salt and no slowness.
using Digest = std::array<std::uint8_t, 32>;
Digest digest(std::string_view secret);
std::string to_hex(const Digest& digest);
struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
};
std::optional<Digest> digest_from_hex(std::string_view hex);

// In time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// What belongs to `secret` and to nothing else, and does not give it away: a form's token for a session.
std::string derive(std::string_view secret, std::string_view purpose);

inline constexpr std::size_t kPasswordCharactersMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 1024;

enum class PasswordFault : std::uint8_t { none, too_short, too_long, no_text, frequent };
PasswordFault fault_of(std::string_view password);
// For pages: "short", "frequent", "unusable"; "" for none.
std::string_view name(PasswordFault fault);
// Errors: invalid, tells that fault.
Result<> check_password(std::string_view password);
// Argon2id (RFC 9106), as text with its own salt and cost. Takes 16 MiB and about 0.3 s of a Raspberry Pi 3: never on
// the loop's thread; one at a time in the whole process, others wait. See docs/decisions for why these costs. Errors:
// unavailable, when there is no memory.
Result<std::string> hash_password(std::string_view password);
bool verify_password(std::string_view password, const std::string& hash);

}  // namespace pomiar::access
