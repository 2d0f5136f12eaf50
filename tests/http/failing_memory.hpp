// operator new that fails once, on one thread, when told to.
#pragma once

namespace pomiar::http::test {

// The n-th allocation from now on by this thread fails (1: the next); 0: none.
void fail_allocation(int n);
// Whether one has failed since.
bool has_failed_allocation();

}  // namespace pomiar::http::test
