#include "upkeep/own_certificate.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "upkeep/certificate.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::size_t kPemBytesMax = 64 * 1024;

struct PemFile {
    bool is_there = false;
    std::string pem = {};
};

Result<PemFile> read_pem(FileSystem& files, const std::string& path) {
    auto text = read_whole(files, path, kPemBytesMax);
    if (!text && text.error().kind == ErrorKind::not_found) return PemFile{};
    if (!text) return failure(std::move(text));
    return PemFile{true, trim(*text).empty() ? std::string() : std::move(*text)};
}

bool covers(const std::vector<std::string>& all, const std::vector<std::string>& wanted) {
    return std::ranges::all_of(wanted,
                               [&](const std::string& one) { return std::ranges::find(all, one) != all.end(); });
}

bool fits(const CertificatePem& authority) {
    const auto facts = facts_of(authority.certificate, {}, authority.key);
    return facts && facts->fits_key;
}

}  // namespace

struct OwnCertificate::Found {
    PemFile certificate;
    PemFile key;
    CertificatePem authority;
};

Result<OwnCertificate::Found> OwnCertificate::look() const {
    Found found;
    for (const auto& [path, into] : {std::pair{certificate_path(), &found.certificate}, {key_path(), &found.key}}) {
        auto file = read_pem(files_, path);
        if (!file) return failure(std::move(file));
        *into = std::move(*file);
    }
    for (const auto& [path, into] :
         {std::pair{authority_path(), &found.authority.certificate}, {authority_key_path(), &found.authority.key}}) {
        auto file = read_pem(files_, path);
        if (!file) return failure(std::move(file));
        *into = std::move(file->pem);
    }
    if (!found.certificate.pem.empty() && !found.key.is_there) {
        return failure(ErrorKind::conflict, fmt::format("{} is there, but not its key {}: put the key back, or "
                                                        "remove the certificate to have both made anew",
                                                        certificate_path(), key_path()));
    }
    if (!found.key.pem.empty() && !is_key(found.key.pem)) {
        return failure(ErrorKind::invalid, fmt::format("{}: the key is not PEM without a passphrase; put the right one "
                                                       "there, or remove it to have a new one made",
                                                       key_path()));
    }
    return found;
}

Result<bool> OwnCertificate::ensure(const CertificateSubject& subject, Nanoseconds now) {
    auto found = look();
    if (!found) return failure(std::move(found));
    if (!found->certificate.pem.empty() && !found->key.pem.empty()) {
        auto facts = facts_of(found->certificate.pem, found->authority.certificate, found->key.pem);
        if (!facts)
            return failure(facts.error().kind, fmt::format("{}: {}", certificate_path(), facts.error().message));
        if (!facts->is_own) return false;
        const bool names_all =
            covers(facts->subject.names, subject.names) && covers(facts->subject.addresses, subject.addresses);
        const bool is_good = facts->fits_key && facts->is_signed;
        if (is_good && names_all && facts->ends - now >= kCertificateLife / 3) return false;
        // Somebody has put the authority's key away: what it signed will do while it can.
        if (is_good && found->authority.key.empty() && facts->ends > now) return false;
    }
    if (auto done = renew_authority(*found, subject, now); !done) return failure(std::move(done));
    if (auto done = sign(*found, subject, now); !done) return failure(std::move(done));
    return true;
}

Result<> OwnCertificate::renew_authority(Found& found, const CertificateSubject& subject, Nanoseconds now) {
    CertificatePem& authority = found.authority;
    if (fits(authority) && may_sign(authority.certificate, subject, now)) return {};
    const bool was_there = !authority.certificate.empty();
    auto made = make_authority(subject, now);
    if (!made) return failure(std::move(made));
    authority = std::move(*made);
    if (auto done = write_whole(files_, authority_key_path(), authority.key); !done) return done;
    if (auto done = write_whole(files_, authority_path(), authority.certificate); !done) return done;
    if (was_there) log::warning("{} is new: it has to be installed again where it was", authority_path());
    return {};
}

// In this order a power cut leaves a key without a certificate at worst, never two that do not belong together.
Result<> OwnCertificate::sign(const Found& found, const CertificateSubject& subject, Nanoseconds now) {
    auto made = make_certificate(subject, now, found.authority, found.key.pem);
    if (!made) return failure(std::move(made));
    if (found.key.pem.empty()) {
        if (found.certificate.is_there) {
            if (auto gone = files_.remove(certificate_path()); !gone) return gone;
        }
        if (auto written = write_whole(files_, key_path(), made->key); !written) return written;
    }
    return write_whole(files_, certificate_path(), made->certificate);
}

}  // namespace pomiar::upkeep
