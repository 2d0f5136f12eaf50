// The certificate that a server makes for itself where none is configured, so that pages and devices talk TLS from the
// first minute; and the local authority that signs it, which people may install on their phones.
// Owns:    four files in its directory, each for its owner only (mode 0600): authority.pem, authority-key.pem,
//          certificate.pem, key.pem. Borrows: files.
// Thread:  one at a time.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "upkeep/host_names.hpp"

namespace pomiar::upkeep {

class OwnCertificate {
  public:
    OwnCertificate(FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

    std::string certificate_path() const { return directory_ + "/certificate.pem"; }
    std::string key_path() const { return directory_ + "/key.pem"; }
    std::string authority_path() const { return directory_ + "/authority.pem"; }

    // Makes what is not there yet, and renews the certificate when a third of its life is left or the host has a name
    // or address that it does not have; with the same key and authority where these will do. A certificate that this
    // authority did not sign is somebody's own and stays as it is. Files without content, as a power cut leaves them,
    // count as not there. True: something was written.
    // Errors: conflict if there is a certificate without its key; invalid if the key is damaged, before anything is
    // written; those of reading and writing.
    Result<bool> ensure(const CertificateSubject& subject, Nanoseconds now);

  private:
    struct Found;
    std::string authority_key_path() const { return directory_ + "/authority-key.pem"; }
    Result<Found> look() const;
    Result<> renew_authority(Found& found, const CertificateSubject& subject, Nanoseconds now);
    Result<> sign(const Found& found, const CertificateSubject& subject, Nanoseconds now);

    FileSystem& files_;
    std::string directory_;
};

}  // namespace pomiar::upkeep
