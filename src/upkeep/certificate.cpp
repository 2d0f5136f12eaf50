#include "upkeep/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr Nanoseconds kEarliest = 1'767'225'600 * kSecond;  // 2026-01-01: a clock before it has not been set
constexpr std::size_t kCommonNameBytesMax = 64;             // RFC 5280, ub-common-name
constexpr int kSerialBytes = 16;
constexpr std::string_view kAuthorityName = "Pomiar on ";
constexpr const char* kHomeDomains[] = {"local", "lan", "home.arpa", "internal", "localhost"};

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
    void operator()(NAME_CONSTRAINTS* constraints) const { NAME_CONSTRAINTS_free(constraints); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::unexpected<Error> openssl_failure(const char* what) {
    char text[256] = "unknown error";
    if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return failure(ErrorKind::unavailable, fmt::format("cannot make a certificate: {}: {}", what, text));
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
    const Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
    if (!names) return openssl_failure("names");
    for (const std::string& name : subject.names) {
        if (!push_name(names.get(), name)) return openssl_failure("names");
    }
    for (const std::string& address : subject.addresses) {
        if (!push_address(names.get(), address)) {
            ERR_clear_error();
            return failure(ErrorKind::invalid, fmt::format("\"{}\" is not an IP address", address));
        }
    }
    if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1)
        return openssl_failure("names");
    return {};
}

bool set_common_name(X509* certificate, const std::string& text) {
    const std::string common = text.substr(0, kCommonNameBytesMax);
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(common.data()),
                                      static_cast<int>(common.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
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

bool set_life(X509* certificate, Nanoseconds now, Nanoseconds life) {
    const Nanoseconds from = std::max(now, kEarliest) - kDay;
    const auto first = static_cast<std::time_t>(from / kSecond);
    const auto last = static_cast<std::time_t>((from + life) / kSecond);
    return ASN1_TIME_set(X509_getm_notBefore(certificate), first) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), last) != nullptr;
}

// All but names, extensions and signature.
Owned<X509> begin_certificate(EVP_PKEY* key, Nanoseconds now, Nanoseconds life, const std::string& common_name) {
    Owned<X509> certificate(X509_new());
    if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 || !set_serial(certificate.get()) ||
        !set_life(certificate.get(), now, life) || X509_set_pubkey(certificate.get(), key) != 1 ||
        !set_common_name(certificate.get(), common_name)) {
        return nullptr;
    }
    return certificate;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Owned<BIO> reading(const std::string& pem) {
    return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Owned<EVP_PKEY> parse_key(const std::string& pem) {
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    return key;
}

Owned<X509> parse_certificate(const std::string& pem) {
    Owned<X509> certificate(PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return certificate;
}

Result<Owned<EVP_PKEY>> key_from(const std::string& pem) {
    Owned<EVP_PKEY> key = pem.empty() ? Owned<EVP_PKEY>(EVP_EC_gen("P-256")) : parse_key(pem);
    if (!key && pem.empty()) return openssl_failure("key");
    if (!key) return failure(ErrorKind::invalid, "the key is not PEM without a passphrase");
    return key;
}

Result<CertificatePem> as_pem(X509* certificate, EVP_PKEY* key) {
    const Owned<BIO> certificate_text(BIO_new(BIO_s_mem()));
    const Owned<BIO> key_text(BIO_new(BIO_s_mem()));
    if (!certificate_text || !key_text || PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return openssl_failure("PEM");
    }
    return CertificatePem{text_of(certificate_text.get()), text_of(key_text.get())};
}

std::string constraints_for(const CertificateSubject& subject) {
    std::string text = "critical";
    for (const std::string& name : subject.names) text += ",permitted;DNS:" + name;
    for (const char* domain : kHomeDomains) text.append(",permitted;DNS:").append(domain);
    return text;
}

Nanoseconds time_of(const ASN1_TIME* time) {
    const Owned<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return 0;
    return days * kDay + seconds * kSecond;
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
    char text[INET6_ADDRSTRLEN] = "";
    const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
    ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text);
    return text;
}

std::string text_of(const ASN1_IA5STRING* text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> permitted_domains(X509* authority) {
    std::vector<std::string> domains;
    const Owned<NAME_CONSTRAINTS> constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority, NID_name_constraints, nullptr, nullptr)));
    for (int i = 0; constraints && i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
        const GENERAL_NAME* const base = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base;
        if (base->type == GEN_DNS) domains.push_back(text_of(base->d.dNSName));
    }
    return domains;
}

bool is_below(std::string_view name, std::string_view domain) {
    if (name.size() < domain.size() || !equal_ignoring_case(name.substr(name.size() - domain.size()), domain))
        return false;
    return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

std::string common_name_of(const X509_NAME* name) {
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) return {};
    const ASN1_STRING* const text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    return text_of(text);
}

CertificateSubject subject_of(X509* certificate) {
    CertificateSubject subject;
    const Owned<GENERAL_NAMES> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            subject.names.push_back(text_of(name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            subject.addresses.push_back(address_text(name->d.iPAddress));
        }
    }
    return subject;
}

}  // namespace

Result<CertificatePem> make_authority(const CertificateSubject& subject, Nanoseconds now) {
    if (subject.names.empty() || !std::ranges::all_of(subject.names, is_host_name))
        return failure(ErrorKind::invalid, "an authority needs host names");
    auto key = key_from({});
    if (!key) return failure(std::move(key));
    const auto made =
        begin_certificate(key->get(), now, kAuthorityLife, std::string(kAuthorityName) + subject.names.front());
    X509* const certificate = made.get();
    if (!made || X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1 ||
        !add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(certificate, certificate, NID_name_constraints, constraints_for(subject).c_str()) ||
        !add_extension(certificate, certificate, NID_subject_key_identifier, "hash") ||
        X509_sign(certificate, key->get(), EVP_sha256()) == 0) {
        return openssl_failure("authority");
    }
    return as_pem(certificate, key->get());
}

Result<CertificatePem> make_certificate(const CertificateSubject& subject, Nanoseconds now,
                                        const CertificatePem& authority, const std::string& key_pem) {
    const Owned<X509> issuer = parse_certificate(authority.certificate);
    const Owned<EVP_PKEY> signer = parse_key(authority.key);
    if (!issuer || !signer) return failure(ErrorKind::invalid, "the authority is not PEM");
    auto key = key_from(key_pem);
    if (!key) return failure(std::move(key));
    if (subject.names.empty() || !std::ranges::all_of(subject.names, is_host_name))
        return failure(ErrorKind::invalid, "a certificate needs host names");
    const auto made = begin_certificate(key->get(), now, kCertificateLife, subject.names.front());
    X509* const certificate = made.get();
    if (!made || X509_set_issuer_name(certificate, X509_get_subject_name(issuer.get())) != 1)
        return openssl_failure("fields");
    if (auto named = add_names(certificate, subject); !named) return failure(std::move(named));
    if (!add_extension(certificate, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
        !add_extension(certificate, issuer.get(), NID_key_usage, "critical,digitalSignature") ||
        !add_extension(certificate, issuer.get(), NID_ext_key_usage, "serverAuth") ||
        !add_extension(certificate, issuer.get(), NID_subject_key_identifier, "hash") ||
        !add_extension(certificate, issuer.get(), NID_authority_key_identifier, "keyid:always") ||
        X509_sign(certificate, signer.get(), EVP_sha256()) == 0) {
        return openssl_failure("signature");
    }
    return as_pem(certificate, key->get());
}

Result<CertificateFacts> facts_of(const std::string& certificate, const std::string& authority,
                                  const std::string& key) {
    const Owned<X509> parsed = parse_certificate(certificate);
    if (!parsed) return failure(ErrorKind::invalid, "there is no PEM certificate");
    const Owned<X509> issuer = parse_certificate(authority);
    const Owned<EVP_PKEY> own = parse_key(key);
    CertificateFacts facts;
    facts.ends = time_of(X509_get0_notAfter(parsed.get()));
    facts.subject = subject_of(parsed.get());
    facts.is_own = common_name_of(X509_get_issuer_name(parsed.get())).starts_with(kAuthorityName);
    facts.is_signed = issuer && X509_verify(parsed.get(), X509_get0_pubkey(issuer.get())) == 1;
    facts.fits_key = own && X509_check_private_key(parsed.get(), own.get()) == 1;
    ERR_clear_error();
    return facts;
}

bool may_sign(const std::string& authority, const CertificateSubject& subject, Nanoseconds now) {
    const Owned<X509> issuer = parse_certificate(authority);
    if (!issuer || time_of(X509_get0_notAfter(issuer.get())) < now + kCertificateLife) return false;
    const std::vector<std::string> domains = permitted_domains(issuer.get());
    return std::ranges::all_of(subject.names, [&](const std::string& name) {
        return std::ranges::any_of(domains, [&](const std::string& domain) { return is_below(name, domain); });
    });
}

bool is_key(const std::string& pem) {
    return parse_key(pem) != nullptr;
}

}  // namespace pomiar::upkeep
