// operator new that fails once, while a connection is accepted, when told to. Any thread.
#pragma once

namespace pomiar::http::test {

// Of the allocations for the connection that is accepted next, the n-th fails (1: the first).
void fail_allocation_of_next_connection(int n);
// Whether one has failed since.
bool has_failed_allocation();

}  // namespace pomiar::http::test
