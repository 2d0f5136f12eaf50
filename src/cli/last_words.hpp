// What is said when an exception finds nobody who catches it.
#pragma once

namespace pomiar::cli {

// From now on, in every thread: one line to standard error with what the exception says, then abort(). The C++
// library's own such words bring a decoder of type names with them, which the static program leaves out.
void leave_last_words();

}  // namespace pomiar::cli
