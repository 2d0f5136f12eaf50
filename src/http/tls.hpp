// TLS 1.2 and 1.3 for a server: a certificate with its key, and all that goes with them.
// Thread:  the loop's. Connections keep what they were opened with; new ones take the latest.
// Errors:  invalid: not PEM, key and certificate do not belong together; not_found, io from reading.
#pragma once

#include <memory>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"

struct ssl_ctx_st;

namespace pomiar::http {

class TlsContext {
  public:
    static Result<std::shared_ptr<TlsContext>> load(FileSystem& files, std::string certificate_path,
                                                    std::string key_path);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext();

    // Reads both files again. On an error the certificate in use stays. Session tickets stay valid.
    Result<> reload();

    ssl_ctx_st* native() const { return context_; }

  private:
    TlsContext(FileSystem& files, std::string certificate_path, std::string key_path);

    FileSystem& files_;
    std::string certificate_path_;
    std::string key_path_;
    ssl_ctx_st* context_ = nullptr;
};

}  // namespace pomiar::http
