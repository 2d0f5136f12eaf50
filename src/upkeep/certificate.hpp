// The certificate that a fresh install makes for itself: ECDSA P-256, self-signed, good for this host's names and
// addresses, so that pages and devices can talk TLS from the first minute.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

namespace pomiar::upkeep {

struct CertificateSubject {
    std::vector<std::string> names;      // DNS names; the first is the common name
    std::vector<std::string> addresses;  // IPv4 and IPv6, as text
};

// The host's name (plain and with ".local"), localhost, and the addresses of its interfaces and the loopback.
CertificateSubject subject_of_this_host();

struct CertificatePem {
    std::string certificate;
    std::string key;
};

// Valid from one day before `now`, as clocks differ, for kCertificateLife. On a machine whose clock is not set yet, a
// time before 2026 is taken for 2026. key_pem: a P-256 or other key to use; "": a new one is made. Errors: invalid for
// a malformed name, address or key; unavailable if OpenSSL fails.
inline constexpr Nanoseconds kCertificateLife = 3650 * kDay;
Result<CertificatePem> make_certificate(const CertificateSubject& subject, Nanoseconds now,
                                        const std::string& key_pem = {});

// Makes what is not there yet: both files, or a certificate for the key that an interrupted start has left. An empty
// file counts as not there; with an empty key the certificate goes too, as nobody has the key to it any more. The files
// are for their owner only (mode 0600). True: something was made.
// Errors: conflict if there is a certificate without its key; invalid if the key is damaged, before anything is
// written; those of reading and writing.
Result<bool> ensure_certificate(FileSystem& files, const std::string& certificate_path, const std::string& key_path,
                                const CertificateSubject& subject, Nanoseconds now);

}  // namespace pomiar::upkeep
