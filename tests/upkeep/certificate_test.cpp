#include "upkeep/certificate.hpp"

#include <ctime>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "support/temporary_directory.hpp"

namespace pomiar::upkeep {
namespace {

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;  // 2026-11-23T18:00:00Z

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate parse(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
    BIO_free(bio);
    return certificate;
}

// What a client that trusts just this certificate says of it at that time.
int verify(X509* certificate, Nanoseconds at) {
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, certificate);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, certificate, nullptr);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_time(context, 0, static_cast<std::time_t>(at / kSecond));
    X509_verify_cert(context);
    const int verdict = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return verdict;
}

TEST(Certificate, IsGoodForItsNamesAndAddressesOnly) {
    const auto made = make_certificate({{"pi", "pi.local", "localhost"}, {"127.0.0.1", "::1", "192.168.1.7"}}, kNow);
    ASSERT_TRUE(made) << made.error().message;
    const auto certificate = parse(made->certificate);
    ASSERT_TRUE(certificate);
    for (const char* name : {"pi", "pi.local", "localhost", "PI.local"})
        EXPECT_EQ(X509_check_host(certificate.get(), name, 0, 0, nullptr), 1) << name;
    for (const char* name : {"other", "pi.local.example", "a.pi"})
        EXPECT_EQ(X509_check_host(certificate.get(), name, 0, 0, nullptr), 0) << name;
    for (const char* address : {"127.0.0.1", "::1", "192.168.1.7"})
        EXPECT_EQ(X509_check_ip_asc(certificate.get(), address, 0), 1) << address;
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "192.168.1.8", 0), 0);
    EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())), 256);
}

TEST(Certificate, IsValidFromADayAgoForTenYears) {
    const auto made = make_certificate({{"pi"}, {}}, kNow);
    ASSERT_TRUE(made);
    const auto certificate = parse(made->certificate);
    EXPECT_EQ(verify(certificate.get(), kNow), X509_V_OK);
    EXPECT_EQ(verify(certificate.get(), kNow - 23 * kHour), X509_V_OK);
    EXPECT_EQ(verify(certificate.get(), kNow + 3648 * kDay), X509_V_OK);
    EXPECT_EQ(verify(certificate.get(), kNow - 25 * kHour), X509_V_ERR_CERT_NOT_YET_VALID);
    EXPECT_EQ(verify(certificate.get(), kNow + 3650 * kDay), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(Certificate, AClockThatIsNotSetDoesNotMakeItExpired) {
    const auto made = make_certificate({{"pi"}, {}}, 0);
    ASSERT_TRUE(made);
    EXPECT_EQ(verify(parse(made->certificate).get(), kNow), X509_V_OK);
}

TEST(Certificate, SerialsDiffer) {
    const auto one = make_certificate({{"pi"}, {}}, kNow);
    const auto two = make_certificate({{"pi"}, {}}, kNow, one->key);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->key, two->key);
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(parse(one->certificate).get()),
                               X509_get0_serialNumber(parse(two->certificate).get())),
              0);
}

TEST(Certificate, RefusesWhatIsNotANameOrAddress) {
    const std::vector<CertificateSubject> wrong = {
        {{}, {}},         {{""}, {}},     {{"a b"}, {}},      {{"pi,DNS:evil"}, {}}, {{std::string(254, 'a')}, {}},
        {{"pi"}, {"pi"}}, {{"pi"}, {""}}, {{"pi"}, {"1.2.3"}}};
    for (const auto& subject : wrong) {
        const auto made = make_certificate(subject, kNow);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::invalid);
    }
    EXPECT_EQ(make_certificate({{"pi"}, {}}, kNow, "no key").error().kind, ErrorKind::invalid);
}

TEST(Certificate, ALongHostNameIsCutInTheCommonNameOnly) {
    const std::string name = std::string(63, 'a') + "." + std::string(60, 'b');
    const auto made = make_certificate({{name}, {}}, kNow);
    ASSERT_TRUE(made);
    EXPECT_EQ(X509_check_host(parse(made->certificate).get(), name.c_str(), 0, 0, nullptr), 1);
}

TEST(Certificate, ThisHostKnowsItself) {
    const CertificateSubject subject = subject_of_this_host();
    EXPECT_THAT(subject.names, testing::Contains("localhost"));
    EXPECT_THAT(subject.addresses, testing::IsSupersetOf({"127.0.0.1", "::1"}));
    EXPECT_TRUE(make_certificate(subject, kNow));
}

class EnsureCertificate : public testing::Test {
  protected:
    Result<bool> ensure() { return ensure_certificate(files, certificate, key, {{"pi"}, {}}, kNow); }

    void overwrite(const std::string& path, std::string_view text) {
        EXPECT_TRUE(write_whole(files, path, text)) << path;
    }
    bool belong_together() {
        const auto parsed = parse(read_whole(files, certificate, 10'000).value_or(""));
        const std::string pem = read_whole(files, key, 10'000).value_or("");
        BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        EVP_PKEY* private_key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
        const bool fit = parsed && private_key != nullptr && X509_check_private_key(parsed.get(), private_key) == 1;
        EVP_PKEY_free(private_key);
        BIO_free(bio);
        return fit;
    }

    test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    const std::string certificate = directory.path() + "/certificate.pem";
    const std::string key = directory.path() + "/key.pem";
};

TEST_F(EnsureCertificate, MakesBothOnceAndKeepsTheKeyPrivate) {
    EXPECT_EQ(ensure(), true);
    struct stat status{};
    ASSERT_EQ(::stat(key.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
    const auto before = read_whole(files, certificate, 10'000);
    EXPECT_EQ(ensure(), false);
    EXPECT_EQ(read_whole(files, certificate, 10'000).value(), before.value());
}

TEST_F(EnsureCertificate, GoesOnWithAKeyThatAnInterruptedStartHasLeft) {
    ASSERT_EQ(ensure(), true);
    const auto first_key = read_whole(files, key, 10'000);
    ASSERT_TRUE(files.remove(certificate));
    EXPECT_EQ(ensure(), true);
    EXPECT_EQ(read_whole(files, key, 10'000).value(), first_key.value());
}

TEST_F(EnsureCertificate, RefusesACertificateWithoutItsKey) {
    ASSERT_EQ(ensure(), true);
    ASSERT_TRUE(files.remove(key));
    const auto result = ensure();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::conflict);
}

// What a start finds after a power cut, and what belongs together after it.
TEST_F(EnsureCertificate, HealsFilesThatArePresentButEmpty) {
    for (const char* nothing : {"", "\n"}) {
        for (const bool key_is_empty : {false, true}) {
            for (const bool certificate_is_empty : {false, true}) {
                (void)files.remove(key);
                (void)files.remove(certificate);
                ASSERT_EQ(ensure(), true);
                const auto first_key = read_whole(files, key, 10'000).value();
                if (key_is_empty) overwrite(key, nothing);
                if (certificate_is_empty) overwrite(certificate, nothing);
                EXPECT_EQ(ensure(), key_is_empty || certificate_is_empty);
                EXPECT_TRUE(belong_together()) << key_is_empty << certificate_is_empty;
                EXPECT_EQ(read_whole(files, key, 10'000).value() == first_key, !key_is_empty);
                EXPECT_EQ(ensure(), false);
            }
        }
    }
}

TEST_F(EnsureCertificate, AnEmptyKeyAloneIsNoKey) {
    ASSERT_TRUE(write_whole(files, key, ""));
    EXPECT_EQ(ensure(), true);
    EXPECT_TRUE(belong_together());
}

TEST_F(EnsureCertificate, ReportsADamagedKeyAndWritesNothing) {
    ASSERT_TRUE(write_whole(files, key, "-----BEGIN PRIVATE KEY-----\nMIG"));
    const auto result = ensure();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    EXPECT_NE(result.error().message.find(key), std::string::npos) << result.error().message;
    EXPECT_EQ(read_whole(files, certificate, 10'000).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace pomiar::upkeep
