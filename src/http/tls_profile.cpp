#include "http/tls_profile.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#if defined(__aarch64__) || defined(__arm__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace pomiar::http {
namespace {

// A session without a ticket, as small devices have it with TLS 1.2, takes less than 2 KiB here: 1 MiB of them.
constexpr long kCachedSessionsMax = 512;
constexpr const char* kCurves = "X25519:P-256:P-384";

// What the client offers and we speak, ours first.
constexpr std::string_view kProtocols =
    "\x02h2"
    "\x08http/1.1";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    unsigned char* out = nullptr;
    const int result =
        SSL_select_next_proto(&out, chosen_size, reinterpret_cast<const unsigned char*>(kProtocols.data()),
                              static_cast<unsigned int>(kProtocols.size()), offered, offered_size);
    *chosen = out;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

const EVP_CIPHER* ticket_cipher() {
    static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
    return fetched;
}

bool key_digest(EVP_MAC_CTX* digest, TicketKey& key) {
    std::array<char, 7> name{'S', 'H', 'A', '2', '5', '6', '\0'};
    const std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.digest.data(), key.digest.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(digest, parameters.data()) == 1;
}

// SSL_CTX_set_tlsext_ticket_key_evp_cb(3): -1 fails, 0 goes on without a ticket, 2 asks for a new one.
int use_ticket_key(SSL* tls, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* digest,
                   int seals) {
    auto* const keys = static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
    if (seals != 0) {
        std::optional<TicketKey> key = keys->current();
        if (!key || RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return 0;
        std::ranges::copy(key->name, name);
        const bool ready = EVP_EncryptInit_ex2(cipher, ticket_cipher(), key->cipher.data(), iv, nullptr) == 1 &&
                           key_digest(digest, *key);
        return ready ? 1 : -1;
    }
    auto found = keys->find(std::span<const unsigned char, 16>(name, 16));
    if (!found) return 0;
    const bool ready = EVP_DecryptInit_ex2(cipher, ticket_cipher(), found->key.cipher.data(), iv, nullptr) == 1 &&
                       key_digest(digest, found->key);
    if (!ready) return -1;
    // With TLS 1.3 a client uses a ticket once, so that nobody can tell that it is the same (RFC 8446 appendix C.4).
    return found->is_current && SSL_version(tls) != TLS1_3_VERSION ? 1 : 2;
}

void keep_sessions(SSL_CTX* context, TicketKeys& tickets) {
    // Sessions live in tickets at the client; only who takes none is remembered here.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, kCachedSessionsMax);
    SSL_CTX_set_timeout(context, kTicketLife / kSecond);
    constexpr std::array<unsigned char, 6> kName{'p', 'o', 'm', 'i', 'a', 'r'};
    SSL_CTX_set_session_id_context(context, kName.data(), kName.size());
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_app_data(context, &tickets);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
}

void keep_memory_small(SSL_CTX* context) {
    // Buffers go when idle; a write that must be tried again may come from elsewhere in memory.
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);  // one system call for a record's header and body
}

}  // namespace

SuiteNames suites_for(bool has_aes_instructions) {
    const std::string aes12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
    const std::string chacha12 = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
    const std::string aes13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
    const std::string chacha13 = "TLS_CHACHA20_POLY1305_SHA256";
    if (has_aes_instructions) return {aes12 + ":" + chacha12, aes13 + ":" + chacha13};
    return {chacha12 + ":" + aes12, chacha13 + ":" + aes13};
}

bool has_aes_instructions() {
#if defined(__aarch64__)
    return (::getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#elif defined(__arm__)
    return (::getauxval(AT_HWCAP2) & HWCAP2_AES) != 0;
#elif defined(__x86_64__) || defined(__i386__)
    return __builtin_cpu_supports("aes") != 0;
#else
    return false;
#endif
}

Result<> apply_profile(ssl_ctx_st* context, TicketKeys& tickets) {
    const SuiteNames suites = suites_for(has_aes_instructions());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // A client without AES instructions of its own may have ChaCha20 first.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    if (SSL_CTX_set_cipher_list(context, suites.tls12.c_str()) != 1 ||
        SSL_CTX_set_ciphersuites(context, suites.tls13.c_str()) != 1 ||
        SSL_CTX_set1_groups_list(context, kCurves) != 1) {
        return failure(ErrorKind::unavailable, "OpenSSL has not the suites and curves wanted");
    }
    keep_sessions(context, tickets);
    keep_memory_small(context);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return {};
}

}  // namespace pomiar::http
