#include "http/tls.hpp"

#include <array>
#include <utility>

#include <fmt/core.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "http/socket.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kPemBytesMax = 256 * 1024;
constexpr std::size_t kTicketKeysBytes = 80;  // what SSL_CTX_get_tlsext_ticket_keys wants in OpenSSL 3

// Forward secrecy and authenticated encryption only; TLS 1.3 brings its own list.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

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

Result<> use_certificates(SSL_CTX* context, const std::string& pem, const std::string& path) {
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Owned<X509> leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
    if (!leaf) return failure(ErrorKind::invalid, fmt::format("{} holds no PEM certificate", path));
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return failure(ErrorKind::invalid, fmt::format("{} cannot be used: {}", path, take_tls_error()));
    for (;;) {
        const Owned<X509> next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!next) break;
        if (SSL_CTX_add1_chain_cert(context, next.get()) != 1)
            return failure(ErrorKind::invalid, fmt::format("the chain in {} is refused: {}", path, take_tls_error()));
    }
    return {};
}

Result<> use_key(SSL_CTX* context, const std::string& pem, const std::string& path) {
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key) return failure(ErrorKind::invalid, fmt::format("{} holds no PEM key without a passphrase", path));
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return failure(ErrorKind::invalid, fmt::format("the key in {} is not that of the certificate", path));
    return {};
}

Result<> configure(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    // Buffers go when idle; a write that must be tried again may come from elsewhere in memory.
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);  // one system call for a record's header and body
    // Sessions live in tickets at the client, not in our memory.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    constexpr std::array<unsigned char, 6> kName{'p', 'o', 'm', 'i', 'a', 'r'};
    SSL_CTX_set_session_id_context(context, kName.data(), kName.size());
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    if (SSL_CTX_set_cipher_list(context, kTls12Ciphers) != 1)
        return failure(ErrorKind::unavailable, "OpenSSL has none of the ciphers wanted");
    return {};
}

void keep_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
    std::array<unsigned char, kTicketKeysBytes> keys{};
    if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), keys.size()) == 1)
        SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), keys.size());
    OPENSSL_cleanse(keys.data(), keys.size());
}

}  // namespace

TlsContext::TlsContext(FileSystem& files, std::string certificate_path, std::string key_path)
    : files_(files), certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(FileSystem& files, std::string certificate_path,
                                                     std::string key_path) {
    std::shared_ptr<TlsContext> made(new TlsContext(files, std::move(certificate_path), std::move(key_path)));
    if (auto loaded = made->reload(); !loaded) return failure(std::move(loaded));
    return made;
}

Result<> TlsContext::reload() {
    auto certificate = read_whole(files_, certificate_path_, kPemBytesMax);
    if (!certificate) return failure(std::move(certificate));
    auto key = read_whole(files_, key_path_, kPemBytesMax);
    if (!key) return failure(std::move(key));

    Owned<SSL_CTX> next(SSL_CTX_new(TLS_server_method()));
    if (!next) return failure(ErrorKind::unavailable, "no memory for TLS");
    if (auto done = configure(next.get()); !done) return done;
    if (auto done = use_certificates(next.get(), *certificate, certificate_path_); !done) return done;
    auto done = use_key(next.get(), *key, key_path_);
    OPENSSL_cleanse(key->data(), key->size());
    if (!done) return done;
    if (context_ != nullptr) keep_ticket_keys(context_, next.get());
    SSL_CTX_free(context_);  // connections hold their own reference
    context_ = next.release();
    return {};
}

}  // namespace pomiar::http
