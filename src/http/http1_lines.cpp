#include "http/http1_lines.hpp"

#include <algorithm>

namespace pomiar::http {
namespace {

constexpr std::size_t kRequestLineSpaces = 2;

}  // namespace

void Http1Lines::start_head() {
    *this = Http1Lines();
}

void Http1Lines::start_trailers() {
    *this = Http1Lines();
    request_line_ = false;
}

std::string_view Http1Lines::take(std::string_view bytes) {
    const std::size_t feed = bytes.find('\n');
    const bool ends = feed != std::string_view::npos;
    const std::string_view line = bytes.substr(0, ends ? feed + 1 : bytes.size());
    if (at_start_) begin_line(line.front());

    const std::size_t text = ends ? line.size() - 1 : line.size();  // and a CR
    const std::size_t cr = std::min(line.find('\r'), line.size());
    if ((after_cr_ && text > 0) || (cr < line.size() && cr + 1 != text)) {
        fault_ = "a CR without LF";
    } else if (ends && !after_cr_ && cr == line.size()) {
        fault_ = "a line that ends by LF alone";
    }
    if (request_line_) spaces_ += static_cast<std::size_t>(std::ranges::count(line, ' '));
    if (spaces_ > kRequestLineSpaces) fault_ = "a request line with more than two spaces";

    after_cr_ = !ends && line.ends_with('\r');
    if (ends) end_line();
    return line;
}

void Http1Lines::begin_line(char first) {
    at_start_ = false;
    blank_ = first == '\r' || first == '\n';
    if (!request_line_ && (first == ' ' || first == '\t')) fault_ = "a line that continues the one before";
}

void Http1Lines::end_line() {
    at_start_ = true;
    if (!blank_) request_line_ = false;
}

}  // namespace pomiar::http
