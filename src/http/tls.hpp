// TLS 1.2 and 1.3 for a server: a certificate with its key, and all that goes with them.
// Thread:  any. Connections keep what they were opened with; new ones take the latest.
// Errors:  invalid: not PEM, key and certificate do not belong together; not_found, io from reading.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/file_version.hpp"
#include "base/result.hpp"
#include "http/ticket_keys.hpp"

struct ssl_ctx_st;

namespace pomiar::http {

class TlsContext {
  public:
    // Borrows files and clock, and must itself outlive all connections.
    static Result<std::shared_ptr<TlsContext>> load(FileSystem& files, const Clock& clock, std::string certificate_path,
                                                    std::string key_path);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext() = default;

    // Reads both files again. On an error the certificate in use stays. Session tickets stay valid.
    Result<> reload();
    // The same if one of the files is another than at the last try: two system calls if not. True: it was read.
    Result<bool> reload_if_changed();

    std::shared_ptr<ssl_ctx_st> current() const;

  private:
    TlsContext(FileSystem& files, const Clock& clock, std::string certificate_path, std::string key_path);

    FileSystem& files_;
    const std::string certificate_path_;
    const std::string key_path_;
    TicketKeys tickets_;
    FileVersion certificate_version_;  // tried last
    FileVersion key_version_;

    mutable std::mutex mutex_;  // guards what follows
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace pomiar::http
