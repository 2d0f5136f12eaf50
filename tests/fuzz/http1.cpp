// HTTP/1.1 requests from any bytes, cut into pieces anyhow: no crash, limits kept, and the same requests whatever the
// cuts. And what becomes of their targets and ranges where files are served.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "http/byte_range.hpp"
#include "http/compression.hpp"
#include "http/form.hpp"
#include "http/http1_parser.hpp"
#include "http/http1_response.hpp"
#include "http/http_date.hpp"
#include "http/router.hpp"
#include "http/static_files.hpp"

namespace {

using namespace pomiar;
using namespace pomiar::http;

constexpr Http1Limits kLimits{.header_bytes_max = 1024, .header_count_max = 20, .target_bytes_max = 200};
constexpr std::size_t kBodyMax = 100;

struct Listener final : Http1Listener {
    std::optional<std::size_t> on_head(Request& request) override {
        if (request.path == "/unwanted") return std::nullopt;
        return kBodyMax;
    }
    bool on_body(std::size_t) override { return true; }
};

void check_paths_and_ranges(const Request& request) {
    constexpr std::uint64_t kSize = 1000;
    const ByteRange range = byte_range(request.headers.get("Range"), kSize);
    const bool inside = range.first < kSize && range.size > 0 && range.size <= kSize - range.first;
    require(range.kind != ByteRange::Kind::part || inside, "a part that does not exist");
    const auto since = parse_http_date(request.headers.get("If-Modified-Since"));
    require(!since || http_date(*since) == request.headers.get("If-Modified-Since"), "a date that is another");
    const auto path = path_beneath(request.path);
    if (!path) return;
    for (const std::string_view segment : split(*path, '/'))
        require(!segment.empty() && segment.front() != '.', "a path that leads elsewhere");
    require(path->find('\0') == std::string::npos, "a path with an end in it");
}

void check(const Request& request, std::string& story) {
    require(request.target.size() <= kLimits.target_bytes_max, "a target past its limit");
    require(request.headers.size() <= kLimits.header_count_max, "more headers than the limit");
    require(request.body.size() <= kBodyMax, "a body past its limit");
    require(request.path.starts_with('/') || request.path == "*", "a path that is none");
    story.append(method_name(request.method)).append(" ").append(request.target).append("\n");
    request.headers.append_to(story);
    story.append(request.body).append("\n");
    (void)request.query("a");
    (void)request.query_pairs();
    (void)request.cookie("a");
    (void)request.content_type();
    (void)parse_form(request.body, 10);
    (void)gunzip(request.body, 1000);
    (void)accepts_encoding(request.headers, "gzip");
    check_paths_and_ranges(request);
}

// What a connection would have seen, with the bytes coming `step` at a time.
std::string read_requests(std::string_view bytes, std::size_t step) {
    Listener listener;
    Http1Parser parser(kLimits, listener);
    Request request;
    std::string story;
    parser.start(request);
    while (!bytes.empty()) {
        std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        while (!piece.empty()) {
            const std::size_t used = parser.feed(piece);
            require(used <= piece.size(), "took more than there was");
            piece.remove_prefix(used);
            // Which of two faults is met first depends on the cuts; that there is one does not.
            if (parser.stage() == Http1Parser::Stage::failed) return story + "failed";
            if (!parser.complete()) continue;
            check(request, story);
            if (!parser.keep_alive()) return story + "closed";
            parser.start(request);
        }
    }
    return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = read_requests(bytes, bytes.size() + 1);
    require(whole == read_requests(bytes, 1), "one byte at a time reads otherwise");
    require(whole == read_requests(bytes, 7), "seven bytes at a time reads otherwise");

    ClientResponse response;
    ResponseParser parser(response, 1000, false);
    if (parser.feed(bytes).has_value() && !parser.complete()) (void)parser.end_of_input();
    return 0;
}
