// Who a request really comes from where a proxy stands in front: what the proxy says in X-Forwarded-For, X-Real-IP and
// X-Forwarded-Proto. Pure. No RFC has these fields; nginx, Apache, HAProxy, Caddy and Traefik agree on them.
#pragma once

#include <span>

#include "http/network.hpp"
#include "http/request.hpp"

namespace pomiar::http {

// Puts the client's address and scheme into request.peer and request.secure, which are those of the connection, if that
// peer is among `trusted`; else, and where the proxy says nothing, they stay. Host is never touched.
//
// Each proxy adds the address it was asked from at the end of X-Forwarded-For, so it is read from its end: the first
// that is no trusted proxy is the client, and what stands before it is the client's own claim. Text that is no address
// ends the reading, for nobody knows who wrote what stands before it. Without a client so far X-Real-IP names it, and
// failing that the farthest of the trusted.
void take_forwarded(Request& request, std::span<const Network> trusted);

}  // namespace pomiar::http
