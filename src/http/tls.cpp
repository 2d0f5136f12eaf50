#include "http/tls.hpp"

#include <utility>

#include <fmt/core.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "http/socket.hpp"
#include "http/tls_profile.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kPemBytesMax = 256 * 1024;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

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

}  // namespace

TlsContext::TlsContext(FileSystem& files, const Clock& clock, std::string certificate_path, std::string key_path)
    : files_(files), certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)), tickets_(clock) {}

Result<std::shared_ptr<TlsContext>> TlsContext::load(FileSystem& files, const Clock& clock,
                                                     std::string certificate_path, std::string key_path) {
    std::shared_ptr<TlsContext> made(new TlsContext(files, clock, std::move(certificate_path), std::move(key_path)));
    if (auto loaded = made->reload(); !loaded) return failure(std::move(loaded));
    return made;
}

Result<> TlsContext::reload() {
    certificate_version_ = version_of(certificate_path_);  // before reading: a change in between is seen the next time
    key_version_ = version_of(key_path_);
    auto certificate = read_whole(files_, certificate_path_, kPemBytesMax);
    if (!certificate) return failure(std::move(certificate));
    auto key = read_whole(files_, key_path_, kPemBytesMax);
    if (!key) return failure(std::move(key));

    std::shared_ptr<SSL_CTX> next(SSL_CTX_new(TLS_server_method()), Free{});
    if (!next) return failure(ErrorKind::unavailable, "no memory for TLS");
    if (auto done = apply_profile(next.get(), tickets_); !done) return done;
    if (auto done = use_certificates(next.get(), *certificate, certificate_path_); !done) return done;
    auto done = use_key(next.get(), *key, key_path_);
    OPENSSL_cleanse(key->data(), key->size());
    if (!done) return done;
    const std::lock_guard lock(mutex_);
    context_ = std::move(next);  // connections hold their own reference to the one before
    return {};
}

Result<bool> TlsContext::reload_if_changed() {
    if (version_of(certificate_path_) == certificate_version_ && version_of(key_path_) == key_version_) return false;
    if (auto done = reload(); !done) return failure(std::move(done));
    return true;
}

std::shared_ptr<ssl_ctx_st> TlsContext::current() const {
    const std::lock_guard lock(mutex_);
    return context_;
}

}  // namespace pomiar::http
