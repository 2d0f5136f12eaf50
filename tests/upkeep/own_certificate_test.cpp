#include "upkeep/own_certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"
#include "upkeep/certificate.hpp"

namespace pomiar::upkeep {
namespace {

using pomiar::test::kNow;

constexpr Nanoseconds kRenewal = kNow - kDay + kCertificateLife - kCertificateLife / 3;
const CertificateSubject kPi{{"pi", "pi.local"}, {"192.168.1.7"}};

// As `openssl req -x509` makes it.
CertificatePem somebodys_certificate() {
    const auto text_of = [](BIO* bio) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        std::string text(data, static_cast<std::size_t>(size));
        BIO_free(bio);
        return text;
    };
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_pubkey(made, key);
    ASN1_TIME_set(X509_getm_notBefore(made), kNow / kSecond);
    ASN1_TIME_set(X509_getm_notAfter(made), (kNow + kDay) / kSecond);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("somebody"), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(made));
    X509_sign(made, key, EVP_sha256());
    BIO* certificate_text = BIO_new(BIO_s_mem());
    BIO* key_text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_text, made);
    PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
    X509_free(made);
    EVP_PKEY_free(key);
    return {text_of(certificate_text), text_of(key_text)};
}

class OwnCertificateTest : public testing::Test {
  protected:
    Result<bool> ensure(Nanoseconds now = kNow, const CertificateSubject& subject = kPi) {
        return own.ensure(subject, now);
    }
    std::string read(const std::string& path) { return read_whole(files, path, 10'000).value_or(""); }
    void overwrite(const std::string& path, std::string_view text) {
        EXPECT_TRUE(write_whole(files, path, text)) << path;
    }
    // That clients get what they can trust.
    void expect_whole(const CertificateSubject& subject = kPi) {
        const auto facts = facts_of(read(certificate), read(authority), read(key));
        ASSERT_TRUE(facts) << facts.error().message;
        EXPECT_TRUE(facts->is_own && facts->is_signed && facts->fits_key);
        EXPECT_EQ(facts->subject, subject);
    }

    test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    OwnCertificate own{files, directory.path()};
    const std::string certificate = own.certificate_path();
    const std::string key = own.key_path();
    const std::string authority = own.authority_path();
    const std::string authority_key = directory.path() + "/authority-key.pem";
};

TEST_F(OwnCertificateTest, IsMadeOnceAndItsKeysStayPrivate) {
    EXPECT_EQ(ensure(), true);
    expect_whole();
    for (const std::string& path : {key, authority_key}) {
        struct stat status{};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777u, 0600u) << path;
    }
    const std::string before = read(certificate);
    EXPECT_EQ(ensure(), false);
    EXPECT_EQ(read(certificate), before);
}

TEST_F(OwnCertificateTest, IsRenewedInTimeForTheSameKeyByTheSameAuthority) {
    ASSERT_EQ(ensure(), true);
    const std::string first = read(certificate);
    const std::string first_key = read(key);
    const std::string first_authority = read(authority);
    EXPECT_EQ(ensure(kRenewal), false);
    EXPECT_EQ(ensure(kRenewal + kSecond), true);
    expect_whole();
    EXPECT_NE(read(certificate), first);
    EXPECT_EQ(read(key), first_key);
    EXPECT_EQ(read(authority), first_authority);
    EXPECT_EQ(facts_of(read(certificate), "", "")->ends, kRenewal + kSecond - kDay + kCertificateLife);
}

TEST_F(OwnCertificateTest, IsRenewedForANewNameOrAddressAndNotForOneThatIsGone) {
    ASSERT_EQ(ensure(), true);
    EXPECT_EQ(ensure(kNow, {{"pi"}, {}}), false);
    const CertificateSubject moved{{"pi", "pi.local"}, {"192.168.1.8"}};
    EXPECT_EQ(ensure(kNow, moved), true);
    expect_whole(moved);
    const std::string same = read(authority);
    const CertificateSubject renamed{{"cellar", "cellar.local"}, {"192.168.1.8"}};
    EXPECT_EQ(ensure(kNow, renamed), true);
    expect_whole(renamed);
    EXPECT_NE(read(authority), same) << "the one before may not sign for `cellar`";
}

TEST_F(OwnCertificateTest, AnAuthorityThatEndsIsReplaced) {
    ASSERT_EQ(ensure(), true);
    const std::string first = read(authority);
    EXPECT_EQ(ensure(kNow + kAuthorityLife - kCertificateLife), true);
    expect_whole();
    EXPECT_NE(read(authority), first);
}

TEST_F(OwnCertificateTest, WithoutTheAuthoritysKeyItServesAsLongAsItCan) {
    ASSERT_EQ(ensure(), true);
    ASSERT_TRUE(files.remove(authority_key));
    EXPECT_EQ(ensure(kRenewal + kDay), false);
    EXPECT_EQ(ensure(kNow + kCertificateLife), true);
    expect_whole();
}

TEST_F(OwnCertificateTest, SomebodysOwnStaysAsItIs) {
    const CertificatePem others = somebodys_certificate();
    overwrite(certificate, others.certificate);
    overwrite(key, others.key);
    EXPECT_EQ(ensure(), false);
    EXPECT_EQ(ensure(kNow + 10 * 365 * kDay), false);
    EXPECT_EQ(read(certificate), others.certificate);
    EXPECT_EQ(read(authority), "");
}

TEST_F(OwnCertificateTest, GoesOnWithAKeyThatAnInterruptedStartHasLeft) {
    ASSERT_EQ(ensure(), true);
    const std::string first_key = read(key);
    ASSERT_TRUE(files.remove(certificate));
    EXPECT_EQ(ensure(), true);
    EXPECT_EQ(read(key), first_key);
    expect_whole();
}

// What a start finds after a power cut between any two files of a new authority.
TEST_F(OwnCertificateTest, HealsAnAuthorityThatDoesNotBelongTogether) {
    const auto other = make_authority({{"pi"}, {}}, kNow);
    for (const bool key_alone : {true, false}) {
        ASSERT_TRUE(ensure());
        overwrite(authority_key, other->key);
        if (!key_alone) overwrite(authority, other->certificate);
        EXPECT_EQ(ensure(kRenewal + kDay), true);
        expect_whole();
        EXPECT_EQ(ensure(kRenewal + kDay), false);
        for (const auto& path : {certificate, key, authority, authority_key}) ASSERT_TRUE(files.remove(path));
    }
}

TEST_F(OwnCertificateTest, HealsFilesThatArePresentButEmpty) {
    for (const char* nothing : {"", "\n"}) {
        for (unsigned empty = 0; empty < 16; ++empty) {
            for (const auto& path : {certificate, key, authority, authority_key}) (void)files.remove(path);
            ASSERT_EQ(ensure(), true);
            const std::string first_key = read(key);
            if ((empty & 1u) != 0) overwrite(certificate, nothing);
            if ((empty & 2u) != 0) overwrite(key, nothing);
            if ((empty & 4u) != 0) overwrite(authority, nothing);
            if ((empty & 8u) != 0) overwrite(authority_key, nothing);
            EXPECT_EQ(ensure(), (empty & 7u) != 0) << empty;
            if (empty != 8) expect_whole();
            EXPECT_EQ(read(key) == first_key, (empty & 2u) == 0) << empty;
            EXPECT_EQ(ensure(), false) << empty;
        }
    }
}

TEST_F(OwnCertificateTest, RefusesACertificateWithoutItsKey) {
    ASSERT_EQ(ensure(), true);
    ASSERT_TRUE(files.remove(key));
    const auto result = ensure();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::conflict);
}

TEST_F(OwnCertificateTest, ReportsADamagedKeyAndWritesNothing) {
    overwrite(key, "-----BEGIN PRIVATE KEY-----\nMIG");
    const auto result = ensure();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    EXPECT_NE(result.error().message.find(key), std::string::npos) << result.error().message;
    EXPECT_EQ(read_whole(files, certificate, 10'000).error().kind, ErrorKind::not_found);
}

TEST_F(OwnCertificateTest, ReportsADamagedCertificate) {
    ASSERT_EQ(ensure(), true);
    overwrite(certificate, "-----BEGIN CERTIFICATE-----\nMIG");
    const auto result = ensure();
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(certificate), std::string::npos) << result.error().message;
}

}  // namespace
}  // namespace pomiar::upkeep
