#include "cli/certificates.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/owner.hpp"
#include "upkeep/host_names.hpp"
#include "web/access/guard.hpp"

namespace pomiar::cli {
namespace {

constexpr Nanoseconds kReadEvery = 10 * kSecond;  // how late a changed file is noticed
constexpr Nanoseconds kRenewEvery = kMinute;      // and a new address of the host
constexpr std::size_t kAuthorityBytesMax = 64 * 1024;

Task<http::Response> give(std::string path) {
    auto pem = read_whole(real_file_system(), path, kAuthorityBytesMax);
    if (!pem) co_return http::Response::problem(404, "this server's certificate is of no authority of its own");
    co_return http::Response::bytes("application/x-x509-ca-cert", std::move(*pem)).header("Cache-Control", "no-cache");
}

}  // namespace

Result<std::unique_ptr<Certificates>> Certificates::open(const TlsSettings& settings, const std::string& data_directory,
                                                         const Clock& clock) {
    std::unique_ptr<Certificates> made(new Certificates(clock));
    std::string certificate = settings.certificate;
    std::string key = settings.key;
    if (certificate.empty()) {
        const std::string directory = data_directory + "/tls";
        auto& own = made->own_.emplace(real_file_system(), directory);
        // Made by root it would be unreadable to the owner, who is to read it again later.
        auto ensured = as_owner_of(data_directory, [&]() -> Result<> {
            if (auto r = real_file_system().make_directories(directory); !r) return r;
            auto done = own.ensure(upkeep::subject_of_this_host(), clock.now());
            return done ? Result<>() : failure(std::move(done));
        });
        if (!ensured) return failure(std::move(ensured));
        certificate = own.certificate_path();
        key = own.key_path();
    }
    made->path_ = certificate;
    auto loaded = http::TlsContext::load(real_file_system(), clock, std::move(certificate), std::move(key));
    if (!loaded) return failure(std::move(loaded));
    made->tls_ = std::move(*loaded);
    return made;
}

void Certificates::look_after(http::Loop& loop) {
    reading_ = loop.every(kReadEvery, [this] {
        auto changed = tls_->reload_if_changed();
        if (!changed) log::error("the certificate in use stays: {}", changed.error().message);
        if (changed && *changed) log::info("the certificate was read again");
    });
    if (own_) renewing_ = loop.every(kRenewEvery, [this] { renew(); });
}

// reading_ sees what comes of it.
void Certificates::renew() {
    renewal_ = std::jthread([this] {  // the one before has long ended
        auto done = own_->ensure(upkeep::subject_of_this_host(), clock_.now());
        if (!done) log::error("the certificate could not be renewed: {}", done.error().message);
        if (done && *done) log::info("the certificate is renewed");
    });
}

void Certificates::reload() {
    if (auto r = tls_->reload(); !r) log::error("the certificate in use stays: {}", r.error().message);
}

std::optional<upkeep::CertificateFacts> Certificates::facts() const {
    const auto pem = read_whole(real_file_system(), path_, kAuthorityBytesMax);
    if (!pem) return std::nullopt;
    auto facts = upkeep::facts_of(*pem, "", "");
    return facts ? std::optional(std::move(*facts)) : std::nullopt;
}

void Certificates::add_routes(http::Router& router) const {
    if (!own_) return;
    http::RouteOptions open;
    open.tag = access::route_tag(access::Need::nobody);
    router.get("/authority.crt", [path = own_->authority_path()](http::Request&) { return give(path); }, open);
}

}  // namespace pomiar::cli
