// What the HTTPS doors show: the certificate that is configured, or the server's own, which looks after itself.
// Owns:    a thread for a moment, while its own is renewed: a card may take its time.
// Thread:  the loop's, or before Loop::run(). Borrows: clock, loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/config/configuration.hpp"
#include "http/loop.hpp"
#include "http/router.hpp"
#include "http/tls.hpp"
#include "upkeep/certificate.hpp"
#include "upkeep/own_certificate.hpp"

namespace pomiar::cli {

class Certificates {
  public:
    // Files that it makes belong to the owner of the data directory.
    static Result<std::unique_ptr<Certificates>> open(const TlsSettings& settings, const std::string& data_directory,
                                                      const Clock& clock);
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;
    ~Certificates() = default;

    std::shared_ptr<http::TlsContext> tls() const { return tls_; }
    // From now on changed files are read again by themselves, and the server's own is renewed in time.
    void look_after(http::Loop& loop);
    void reload();
    // What is in use now, read from its file: for a page.
    std::optional<upkeep::CertificateFacts> facts() const;
    // The local authority at /authority.crt, where there is one: to be installed on a phone.
    void add_routes(http::Router& router) const;

  private:
    explicit Certificates(const Clock& clock) : clock_(clock) {}
    void renew();

    const Clock& clock_;
    std::string path_;  // of the certificate
    std::optional<upkeep::OwnCertificate> own_;
    std::shared_ptr<http::TlsContext> tls_;
    http::Timer reading_;
    http::Timer renewing_;
    std::jthread renewal_;
};

}  // namespace pomiar::cli
