// Certificates as a fresh install makes them: a small authority of this machine's own, and the server's certificate
// that it signs. ECDSA P-256, X.509 v3 (RFC 5280). Pure functions: PEM text in and out. Errors: invalid for a malformed
// name, address, key or certificate; unavailable if OpenSSL fails.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "upkeep/host_names.hpp"

namespace pomiar::upkeep {

// Apple's systems take no server certificate of more than 825 days, whoever signed it.
inline constexpr Nanoseconds kCertificateLife = 800 * kDay;
inline constexpr Nanoseconds kAuthorityLife = 30 * 365 * kDay;

struct CertificatePem {
    std::string certificate;
    std::string key;
};

// Both are valid from one day before `now`, as clocks differ. On a machine whose clock is not set yet, a time before
// 2026 is taken for 2026.

// For names below the subject's and below those that home networks use (local, lan, home.arpa, internal), so that who
// steals its key cannot pass for somebody's bank (name constraints, RFC 5280 section 4.2.1.10); for any address.
Result<CertificatePem> make_authority(const CertificateSubject& subject, Nanoseconds now);

// key: PEM to use; "": a new one is made.
Result<CertificatePem> make_certificate(const CertificateSubject& subject, Nanoseconds now,
                                        const CertificatePem& authority, const std::string& key = {});

// What is to be known of a certificate before it is used or replaced.
struct CertificateFacts {
    Nanoseconds ends = 0;
    CertificateSubject subject;  // its alternative names, in order
    bool is_own = false;         // signed by an authority that make_authority() has made
    bool is_signed = false;      // by the authority asked about
    bool fits_key = false;
};
// authority: PEM of its certificate, or ""; key: PEM, or "".
Result<CertificateFacts> facts_of(const std::string& certificate, const std::string& authority, const std::string& key);

// Whether that authority (PEM) may sign for these names, and lives as long as what it would sign now.
bool may_sign(const std::string& authority, const CertificateSubject& subject, Nanoseconds now);

// Whether PEM text is a private key without a passphrase.
bool is_key(const std::string& pem);

}  // namespace pomiar::upkeep
