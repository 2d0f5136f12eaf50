#include "web/access/secrets.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

#include <fmt/core.h>
#include <sodium.h>

#include "base/bug.hpp"
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "web/access/frequent_passwords.hpp"

namespace pomiar::access {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr unsigned long long kPasswordPasses = 3;
constexpr std::size_t kPasswordMemoryBytes = 16u << 20;

// kPasswordMemoryBytes are taken once, however many loops and threads there are.
std::mutex one_password_at_a_time;

void start_library() {
    static const bool ready = sodium_init() >= 0;
    require(ready, "libsodium must start");
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(size, kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, kVariant);
    text.pop_back();  // its final zero byte
    return text;
}

}  // namespace

std::string random_secret(std::string_view prefix) {
    start_library();
    unsigned char bytes[kSecretBytes];
    randombytes_buf(bytes, sizeof bytes);
    std::string text = std::string(prefix) + base64url(bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return text;
}

Digest digest(std::string_view secret) {
    start_library();
    Digest out;
    crypto_generichash(out.data(), out.size(), bytes_of(secret), secret.size(), nullptr, 0);
    return out;
}

std::size_t DigestHash::operator()(const Digest& digest) const {
    return load<std::size_t>(digest.data());  // its bits are as good as random
}

std::string to_hex(const Digest& digest) {
    char text[2 * sizeof(Digest) + 1];
    sodium_bin2hex(text, sizeof text, digest.data(), digest.size());
    return text;
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
    Digest out;
    std::size_t size = 0;
    const bool whole = hex.size() == 2 * out.size() &&
                       sodium_hex2bin(out.data(), out.size(), hex.data(), hex.size(), nullptr, &size, nullptr) == 0;
    if (!whole || size != out.size()) return std::nullopt;
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string derive(std::string_view secret, std::string_view purpose) {
    const Digest key = digest(secret);
    Digest out;
    crypto_generichash(out.data(), out.size(), bytes_of(purpose), purpose.size(), key.data(), key.size());
    return base64url(out.data(), out.size());
}

PasswordFault fault_of(std::string_view password) {
    if (password.size() > kPasswordBytesMax) return PasswordFault::too_long;
    if (!is_utf8(password)) return PasswordFault::no_text;
    const auto characters =
        std::ranges::count_if(password, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(characters) < kPasswordCharactersMin) return PasswordFault::too_short;
    return is_frequent(password) ? PasswordFault::frequent : PasswordFault::none;
}

std::string_view name(PasswordFault fault) {
    switch (fault) {
        case PasswordFault::none:
            return "";
        case PasswordFault::too_short:
            return "short";
        case PasswordFault::frequent:
            return "frequent";
        case PasswordFault::too_long:
        case PasswordFault::no_text:
            break;
    }
    return "unusable";
}

Result<> check_password(std::string_view password) {
    switch (fault_of(password)) {
        case PasswordFault::none:
            return {};
        case PasswordFault::too_short:
            return failure(ErrorKind::invalid,
                           fmt::format("a password has at least {} characters", kPasswordCharactersMin));
        case PasswordFault::too_long:
            return failure(ErrorKind::invalid, fmt::format("a password has at most {} bytes", kPasswordBytesMax));
        case PasswordFault::no_text:
            return failure(ErrorKind::invalid, "the password is not UTF-8 text");
        case PasswordFault::frequent:
            break;
    }
    return failure(ErrorKind::invalid, "this password is one of those that are tried first; choose another");
}

Result<std::string> hash_password(std::string_view password) {
    start_library();
    char text[crypto_pwhash_STRBYTES];
    const std::lock_guard lock(one_password_at_a_time);
    if (crypto_pwhash_str_alg(text, password.data(), password.size(), kPasswordPasses, kPasswordMemoryBytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return failure(ErrorKind::unavailable, "not enough memory to hash the password");
    }
    return std::string(text);
}

bool verify_password(std::string_view password, const std::string& hash) {
    start_library();
    if (password.size() > kPasswordBytesMax) return false;
    const std::lock_guard lock(one_password_at_a_time);
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace pomiar::access
