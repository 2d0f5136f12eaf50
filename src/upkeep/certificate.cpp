#include "upkeep/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr Nanoseconds kEarliest = 1'767'225'600 * kSecond;  // 2026-01-01: a clock before it has not been set
constexpr std::size_t kPemBytesMax = 64 * 1024;
constexpr std::size_t kNameBytesMax = 253;       // RFC 1035 section 2.3.4, as text
constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280, ub-common-name
constexpr int kSerialBytes = 16;

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::unexpected<Error> openssl_failure(const char* what) {
    char text[256] = "unknown error";
    if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return failure(ErrorKind::unavailable, fmt::format("cannot make a certificate: {}: {}", what, text));
}

bool is_host_name(std::string_view name) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), is_fine);
}

bool push_name(GENERAL_NAMES* names, const std::string& dns) {
    GENERAL_NAME* const entry = GENERAL_NAME_new();
    ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
    if (entry == nullptr || text == nullptr || ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size())) != 1 ||
        sk_GENERAL_NAME_push(names, entry) == 0) {
        GENERAL_NAME_free(entry);
        ASN1_IA5STRING_free(text);
        return false;
    }
    GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    return true;
}

bool push_address(GENERAL_NAMES* names, const std::string& address) {
    GENERAL_NAME* const entry = GENERAL_NAME_new();
    ASN1_OCTET_STRING* const bytes = a2i_IPADDRESS(address.c_str());
    if (entry == nullptr || bytes == nullptr || sk_GENERAL_NAME_push(names, entry) == 0) {
        GENERAL_NAME_free(entry);
        ASN1_OCTET_STRING_free(bytes);
        return false;
    }
    GENERAL_NAME_set0_value(entry, GEN_IPADD, bytes);
    return true;
}

Result<> add_names(X509* certificate, const CertificateSubject& subject) {
    if (subject.names.empty()) return failure(ErrorKind::invalid, "a certificate needs at least one name");
    const Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
    if (!names) return openssl_failure("names");
    for (const std::string& name : subject.names) {
        if (!is_host_name(name) || !push_name(names.get(), name))
            return failure(ErrorKind::invalid, fmt::format("\"{}\" is not a host name", name));
    }
    for (const std::string& address : subject.addresses) {
        if (!push_address(names.get(), address)) {
            ERR_clear_error();
            return failure(ErrorKind::invalid, fmt::format("\"{}\" is not an IP address", address));
        }
    }
    if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1)
        return openssl_failure("names");
    const std::string common = subject.names.front().substr(0, kCommonNameBytesMax);
    X509_NAME* const name = X509_get_subject_name(certificate);
    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common.data()),
                                   static_cast<int>(common.size()), -1, 0) != 1 ||
        X509_set_issuer_name(certificate, name) != 1) {
        return openssl_failure("subject");
    }
    return {};
}

bool add_extension(X509* certificate, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_serial(X509* certificate) {
    unsigned char random[kSerialBytes];
    if (RAND_bytes(random, sizeof random) != 1) return false;
    random[0] = static_cast<unsigned char>((random[0] & 0x7f) | 0x40);  // positive, and always of the same length
    const Owned<BIGNUM> number(BN_bin2bn(random, sizeof random, nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_life(X509* certificate, Nanoseconds now) {
    const Nanoseconds from = std::max(now, kEarliest) - kDay;
    const auto first = static_cast<std::time_t>(from / kSecond);
    const auto last = static_cast<std::time_t>((from + kCertificateLife) / kSecond);
    return ASN1_TIME_set(X509_getm_notBefore(certificate), first) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), last) != nullptr;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<Owned<EVP_PKEY>> key_from(const std::string& pem) {
    if (pem.empty()) {
        Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
        if (!key) return openssl_failure("key");
        return key;
    }
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return failure(ErrorKind::invalid, "the key is not PEM without a passphrase");
    return key;
}

struct PemFile {
    bool is_there;
    std::string pem;  // empty also where a power cut has left a file without content
};

Result<PemFile> read_pem(FileSystem& files, const std::string& path) {
    auto text = read_whole(files, path, kPemBytesMax);
    if (!text && text.error().kind == ErrorKind::not_found) return PemFile{false, {}};
    if (!text) return failure(std::move(text));
    return PemFile{true, trim(*text).empty() ? std::string() : std::move(*text)};
}

std::optional<std::string> address_text(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN];
    if (address == nullptr) return std::nullopt;
    if (address->sa_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
        if (::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text) == nullptr) return std::nullopt;
        return text;
    }
    if (address->sa_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
        if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return std::nullopt;  // means nothing without its interface
        if (::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text) == nullptr) return std::nullopt;
        return text;
    }
    return std::nullopt;
}

}  // namespace

CertificateSubject subject_of_this_host() {
    CertificateSubject subject;
    char host[kNameBytesMax + 1] = "";
    ::gethostname(host, sizeof host - 1);
    const std::string name = host;
    if (is_host_name(name) && name != "localhost") {
        subject.names.push_back(name);
        if (name.find('.') == std::string::npos) subject.names.push_back(name + ".local");
    }
    subject.names.emplace_back("localhost");

    std::set<std::string> addresses{"127.0.0.1", "::1"};
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) == 0) {
        const Owned<ifaddrs> owned(list);
        for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
            if (auto text = address_text(each->ifa_addr)) addresses.insert(std::move(*text));
        }
    }
    subject.addresses.assign(addresses.begin(), addresses.end());
    return subject;
}

Result<CertificatePem> make_certificate(const CertificateSubject& subject, Nanoseconds now,
                                        const std::string& key_pem) {
    auto key = key_from(key_pem);
    if (!key) return failure(std::move(key));
    const Owned<X509> certificate(X509_new());
    if (!certificate) return openssl_failure("memory");
    X509_set_version(certificate.get(), X509_VERSION_3);
    if (!set_serial(certificate.get()) || !set_life(certificate.get(), now) ||
        X509_set_pubkey(certificate.get(), key->get()) != 1) {
        return openssl_failure("fields");
    }
    if (auto named = add_names(certificate.get(), subject); !named) return failure(std::move(named));
    if (!add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") ||
        !add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") ||
        !add_extension(certificate.get(), NID_subject_key_identifier, "hash") ||
        X509_sign(certificate.get(), key->get(), EVP_sha256()) == 0) {
        return openssl_failure("signature");
    }
    const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
    const Owned<BIO> key_text(BIO_new(BIO_s_mem()));
    if (!certificate_text || !key_text || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key->get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return openssl_failure("PEM");
    }
    return CertificatePem{text_of(certificate_text.get()), text_of(key_text.get())};
}

Result<bool> ensure_certificate(FileSystem& files, const std::string& certificate_path, const std::string& key_path,
                                const CertificateSubject& subject, Nanoseconds now) {
    auto key = read_pem(files, key_path);
    if (!key) return failure(std::move(key));
    auto certificate = read_pem(files, certificate_path);
    if (!certificate) return failure(std::move(certificate));
    if (!key->pem.empty() && !certificate->pem.empty()) return false;
    if (!certificate->pem.empty() && !key->is_there) {
        return failure(ErrorKind::conflict, fmt::format("{} is there, but not its key {}: put the key back, or "
                                                        "remove the certificate to have both made anew",
                                                        certificate_path, key_path));
    }
    if (auto usable = key_from(key->pem); !usable && !key->pem.empty()) {
        return failure(usable.error().kind,
                       fmt::format("{}: {}; put the right one there, or remove it to have a new one made", key_path,
                                   usable.error().message));
    }
    auto made = make_certificate(subject, now, key->pem);
    if (!made) return failure(std::move(made));
    // In this order a power cut leaves a key without a certificate at worst, never two that do not belong together.
    if (certificate->is_there) {
        if (auto gone = files.remove(certificate_path); !gone) return failure(std::move(gone));
    }
    if (key->pem.empty()) {
        if (auto written = write_whole(files, key_path, made->key); !written) return failure(std::move(written));
    }
    if (auto written = write_whole(files, certificate_path, made->certificate); !written)
        return failure(std::move(written));
    return true;
}

}  // namespace pomiar::upkeep
