// The bytes that a measurement sends, all made before its clock starts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::load {

struct RequestHead {
    std::string method = "GET";
    std::string target = "/";
    std::vector<std::string> headers;  // "Name: value"
};

// The body itself, or the bytes of the file named after a "@".
std::string read_body(const std::string& text);
std::string make_request(const RequestHead& head, std::string_view body);

struct Lines {
    std::string path;           // line protocol, times in ns at the ends of its lines
    std::size_t batch = 5000;   // lines in one request
    std::size_t skip = 0;       // of the file's lines, from its beginning
    std::size_t count = 0;      // lines in all; 0: the whole file
    std::int64_t shift_ns = 0;  // added to each time
};

struct LineRequests {
    std::vector<std::string> requests;
    std::size_t lines = 0;
};
LineRequests make_line_requests(const RequestHead& head, const Lines& lines);

}  // namespace pomiar::load
