// What a server's TLS speaks: versions, suites, curves, protocols above it, tickets and memory. Mozilla's
// "intermediate" profile (Server Side TLS 5.7), without the finite-field suites, which nobody needs who knows elliptic
// curves.
#pragma once

#include <string>

#include "base/result.hpp"
#include "http/ticket_keys.hpp"

struct ssl_ctx_st;

namespace pomiar::http {

struct SuiteNames {
    std::string tls12;
    std::string tls13;
};
// The order in which they are wanted: ChaCha20-Poly1305 is several times as fast where AES is done in software.
SuiteNames suites_for(bool has_aes_instructions);

// Whether this processor has them; a Raspberry Pi 3's has not.
bool has_aes_instructions();

// `tickets` outlives the context and all connections made of it. Errors: unavailable for an OpenSSL that lacks it.
Result<> apply_profile(ssl_ctx_st* context, TicketKeys& tickets);

}  // namespace pomiar::http
