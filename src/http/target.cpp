#include "http/target.hpp"

#include "base/text.hpp"

namespace pomiar::http {

Result<> split_target(Request& request) {
    std::string_view target = request.target;
    if (!target.starts_with('/') && target != "*") {
        const std::size_t authority = target.find("://");
        if (authority == std::string_view::npos) return failure(ErrorKind::invalid, "the request target is not a path");
        const std::size_t slash = target.find_first_of("/?", authority + 3);
        request.target.erase(0, slash == std::string_view::npos ? target.size() : slash);
        if (!request.target.starts_with('/')) request.target.insert(0, 1, '/');
        target = request.target;
    }
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
