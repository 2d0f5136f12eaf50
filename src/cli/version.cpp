// pomiar version: what this is, and the libraries it runs with.
#include <CLI/Version.hpp>
#include <asio/version.hpp>
#include <boost/version.hpp>

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <zlib.h>
#include <zstd.h>

#include "cli/build_info.hpp"
#include "cli/commands.hpp"

namespace pomiar::cli {

Result<int> version(const CommandLine&) {
    fmt::print("pomiar {}\ncommit {}\n", kVersion, kCommit);
    fmt::print("openssl {}\nsqlite {}\nzlib {}\nzstd {}\nlibsodium {}\n", OpenSSL_version(OPENSSL_VERSION_STRING),
               sqlite3_libversion(), zlibVersion(), ZSTD_versionString(), sodium_version_string());
    fmt::print("asio {}.{}.{}\nboost {}.{}\nfmt {}.{}.{}\ncli11 {}\n", ASIO_VERSION / 100'000,
               ASIO_VERSION / 100 % 1'000, ASIO_VERSION % 100, BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000,
               FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, CLI11_VERSION);
    return kExitDone;
}

}  // namespace pomiar::cli
