// The server's end of control_protocol.hpp: what commands ask of a running server on its own socket.
#pragma once

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "http/router.hpp"
#include "storage/store.hpp"

namespace pomiar::cli {

// For the control socket's router alone: these routes ask for no token. All outlive the router.
void add_control_routes(http::Router& router, storage::Store& store, Executor& loop);

}  // namespace pomiar::cli
