// The lines of a request's head and of its trailers, looked at before anything else reads them: what two servers in a
// row could take for different line ends is refused. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace pomiar::http {

class Http1Lines {
  public:
    void start_head();      // blank lines, a request line, fields
    void start_trailers();  // fields

    // The first of `bytes`, at least one: up to the end of the line that they are in, or all if it does not end there.
    std::string_view take(std::string_view bytes);

    // What was wrong with what take() gave, in words; "" if nothing was. A line ends by CR LF, and neither stands
    // elsewhere (RFC 9112 section 2.2); no line goes on in the next (section 5.2); a request line has two spaces
    // (section 3).
    std::string_view fault() const { return fault_; }

  private:
    void begin_line(char first);
    void end_line();

    std::string_view fault_;
    std::size_t spaces_ = 0;    // of the request line
    bool request_line_ = true;  // it is still to come, or at hand
    bool at_start_ = true;      // of a line
    bool blank_ = true;         // the line at hand, so far
    bool after_cr_ = false;
};

}  // namespace pomiar::http
