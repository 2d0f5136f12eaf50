#include "http/target.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/host.hpp"

namespace pomiar::http {
namespace {

// "http://host:port/path" becomes "/path", and its host the request's, whatever Host says (RFC 9112 section 3.2.2).
Result<> take_authority(Request& request) {
    const std::string_view target = request.target;
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return failure(ErrorKind::invalid, "the request target is not a path");
    const std::string_view name = target.substr(0, scheme);
    if (!equal_ignoring_case(name, "http") && !equal_ignoring_case(name, "https"))
        return failure(ErrorKind::invalid, "the request target has another scheme than http and https");
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(target.find_first_of("/?", begin), target.size());
    const std::string_view authority = target.substr(begin, end - begin);
    if (!parse_host(authority)) return failure(ErrorKind::invalid, "the request target names no host");
    request.headers.set("Host", authority);
    request.target.erase(0, end);
    if (!request.target.starts_with('/')) request.target.insert(0, 1, '/');
    return {};
}

}  // namespace

Result<> split_target(Request& request) {
    const bool asterisk = request.target == "*" && request.method == Method::options;
    if (!asterisk && !request.target.starts_with('/')) {
        if (auto taken = take_authority(request); !taken) return taken;
    }
    const std::string_view target = request.target;
    if (target.find('#') != std::string_view::npos)
        return failure(ErrorKind::invalid, "the request target has a fragment");
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    request.query_text = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    if (request.path.find('%') != std::string_view::npos && !percent_decode(request.path))
        return failure(ErrorKind::invalid, "the path has a broken %-escape");
    return {};
}

}  // namespace pomiar::http
