#include "upkeep/certificate.hpp"

#include <ctime>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "support/fake_clock.hpp"

namespace pomiar::upkeep {
namespace {

using pomiar::test::kNow;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate parse(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), &X509_free);
    BIO_free(bio);
    return certificate;
}

// What a client that trusts just this authority says of a server's certificate at that time.
int verify(const std::string& certificate, const std::string& authority, Nanoseconds at) {
    const auto leaf = parse(certificate);
    const auto root = parse(authority);
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, root.get());
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_time(context, 0, static_cast<std::time_t>(at / kSecond));
    X509_verify_cert(context);
    const int verdict = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return verdict;
}

class CertificateTest : public testing::Test {
  protected:
    static Result<CertificatePem> make(const CertificateSubject& subject, Nanoseconds now = kNow,
                                       const std::string& key = {}) {
        return make_certificate(subject, now, authority(), key);
    }
    static const CertificatePem& authority() {
        static const CertificatePem made = make_authority({{"pi", "pi.local", "localhost"}, {}}, kNow).value();
        return made;
    }
};

TEST_F(CertificateTest, IsGoodForItsNamesAndAddressesOnly) {
    const auto made = make({{"pi", "pi.local", "localhost"}, {"127.0.0.1", "::1", "192.168.1.7"}});
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

TEST_F(CertificateTest, IsTrustedByWhoTrustsTheAuthorityFromADayAgoForEightHundredDays) {
    const auto made = make({{"pi", "pi.local"}, {"192.168.1.7"}});
    ASSERT_TRUE(made);
    const auto verdict = [&](Nanoseconds at) { return verify(made->certificate, authority().certificate, at); };
    EXPECT_EQ(verdict(kNow), X509_V_OK);
    EXPECT_EQ(verdict(kNow - 23 * kHour), X509_V_OK);
    EXPECT_EQ(verdict(kNow + 798 * kDay), X509_V_OK);
    EXPECT_EQ(verdict(kNow - 25 * kHour), X509_V_ERR_CERT_NOT_YET_VALID);
    EXPECT_EQ(verdict(kNow + 800 * kDay), X509_V_ERR_CERT_HAS_EXPIRED);
    const auto other = make_authority({{"pi"}, {}}, kNow);
    EXPECT_NE(verify(made->certificate, other->certificate, kNow), X509_V_OK);
}

TEST_F(CertificateTest, AnAuthorityCannotPassForTheRestOfTheWorld) {
    const auto made = make({{"bank.example"}, {}});
    ASSERT_TRUE(made);
    EXPECT_EQ(verify(made->certificate, authority().certificate, kNow), X509_V_ERR_PERMITTED_VIOLATION);
    for (const char* name : {"pi", "greenhouse.local", "pi.lan", "pi.home.arpa", "localhost"}) {
        const auto home = make({{name}, {}});
        EXPECT_EQ(verify(home->certificate, authority().certificate, kNow), X509_V_OK) << name;
        EXPECT_TRUE(may_sign(authority().certificate, {{name}, {}}, kNow)) << name;
    }
    EXPECT_FALSE(may_sign(authority().certificate, {{"pi", "bank.example"}, {}}, kNow));
    EXPECT_FALSE(may_sign(authority().certificate, {{"xpi"}, {}}, kNow));
    EXPECT_FALSE(may_sign(authority().certificate, {{"pi"}, {}}, kNow + kAuthorityLife - kCertificateLife));
    EXPECT_FALSE(may_sign("", {{"pi"}, {}}, kNow));
}

TEST_F(CertificateTest, AClockThatIsNotSetDoesNotMakeItExpired) {
    const auto root = make_authority({{"pi"}, {}}, 0);
    const auto made = make_certificate({{"pi"}, {}}, 0, *root);
    ASSERT_TRUE(made);
    EXPECT_EQ(verify(made->certificate, root->certificate, kNow), X509_V_OK);
}

TEST_F(CertificateTest, SerialsDiffer) {
    const auto one = make({{"pi"}, {}});
    const auto two = make({{"pi"}, {}}, kNow, one->key);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->key, two->key);
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(parse(one->certificate).get()),
                               X509_get0_serialNumber(parse(two->certificate).get())),
              0);
}

TEST_F(CertificateTest, TellsWhatThereIsToKnow) {
    const CertificateSubject subject{{"pi", "pi.local"}, {"192.168.1.7", "fd00::7"}};
    const auto made = make(subject);
    const auto facts = facts_of(made->certificate, authority().certificate, made->key);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->subject, subject);
    EXPECT_EQ(facts->ends, kNow - kDay + kCertificateLife);
    EXPECT_TRUE(facts->is_own && facts->is_signed && facts->fits_key);
    const auto other = make_authority({{"pi"}, {}}, kNow);
    const auto strange = facts_of(made->certificate, other->certificate, other->key);
    EXPECT_TRUE(strange->is_own);
    EXPECT_FALSE(strange->is_signed || strange->fits_key);
    EXPECT_EQ(facts_of("no PEM", "", "").error().kind, ErrorKind::invalid);
}

TEST_F(CertificateTest, RefusesWhatIsNotANameOrAddress) {
    const std::vector<CertificateSubject> wrong = {
        {{}, {}},         {{""}, {}},     {{"a b"}, {}},      {{"pi,DNS:evil"}, {}}, {{std::string(254, 'a')}, {}},
        {{"pi"}, {"pi"}}, {{"pi"}, {""}}, {{"pi"}, {"1.2.3"}}};
    for (const auto& subject : wrong) {
        const auto made = make(subject);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::invalid);
    }
    EXPECT_EQ(make({{"pi"}, {}}, kNow, "no key").error().kind, ErrorKind::invalid);
    EXPECT_EQ(make_certificate({{"pi"}, {}}, kNow, {"no PEM", "no key"}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(make_authority({{"pi,excluded;DNS:pi"}, {}}, kNow).error().kind, ErrorKind::invalid);
    EXPECT_EQ(make_authority({{}, {}}, kNow).error().kind, ErrorKind::invalid);
}

TEST_F(CertificateTest, ALongHostNameIsCutInTheCommonNameOnly) {
    const std::string name = std::string(63, 'a') + "." + std::string(60, 'b');
    const auto made = make({{name}, {}});
    ASSERT_TRUE(made);
    EXPECT_EQ(X509_check_host(parse(made->certificate).get(), name.c_str(), 0, 0, nullptr), 1);
}

}  // namespace
}  // namespace pomiar::upkeep
