#include "http/static_files.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/counted.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "http/byte_range.hpp"
#include "http/content_type.hpp"
#include "http/file_body.hpp"
#include "http/http_date.hpp"
#include "http/router.hpp"

namespace pomiar::http {
namespace {

constexpr int kRetrySeconds = 1;

bool is_plain_name(std::string_view segment) {
    const auto is_odd = [](char c) {
        return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    return !segment.empty() && !segment.starts_with('.') && std::ranges::none_of(segment, is_odd);
}

// Strong (RFC 9110 section 8.8.1): a write to the file changes its ctime, which nobody can set back, and another file
// in its place has another inode.
std::string etag_of(const struct stat& status) {
    return fmt::format("\"{:x}-{:x}-{:x}.{:x}\"", status.st_ino, status.st_size, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec);
}

// RFC 9110 section 13.2.2: the date counts only where no tag is asked about.
bool is_current(const Request& request, std::string_view etag, std::int64_t modified) {
    if (request.headers.has("If-None-Match")) return request.has_current(etag);
    const auto since = parse_http_date(request.headers.get("If-Modified-Since"));
    return since && modified <= *since;
}

// If-Range with a date instead of the tag gets the whole file: a second is too coarse for joining parts.
ByteRange asked_range(const Request& request, std::string_view etag, std::uint64_t size) {
    if (request.method != Method::get) return {};
    const auto condition = request.headers.find("If-Range");
    if (condition && *condition != etag) return {};
    return byte_range(request.headers.get("Range"), size);
}

Response refusal(const Request& request, const Problem& problem) {
    if (request.route != nullptr && request.route->problem) return request.route->problem(request, problem);
    return Response::problem(problem);
}

Response not_found(const Request& request) {
    Problem problem;
    problem.status = 404;
    problem.detail = fmt::format("there is nothing at {}", request.path);
    return refusal(request, problem);
}

Response not_opened(const Request& request, const Error& error) {
    if (error.kind == ErrorKind::denied) log::info("{}: the server's user must be able to read it", error.message);
    if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied) return not_found(request);
    if (error.kind == ErrorKind::io) log::error("{}", error.message);
    return refusal(request, problem_of(error));
}

Response busy(const Request& request) {
    Problem problem;
    problem.status = 503;
    problem.detail = "too many files are being opened or sent; try again";
    problem.retry_after = kRetrySeconds;
    return refusal(request, problem);
}

Response no_such_range(const Request& request, std::uint64_t size) {
    Problem problem;
    problem.status = 416;
    problem.detail = fmt::format("the file has {} bytes", size);
    return refusal(request, problem).header("Content-Range", fmt::format("bytes */{}", size));
}

}  // namespace

std::optional<std::string> path_beneath(std::string_view request_path) {
    const std::size_t rest = request_path.find('/', 1);
    if (rest == std::string_view::npos) return std::nullopt;
    std::string path;
    for (const std::string_view encoded : split(request_path.substr(rest + 1), '/')) {
        const auto segment = percent_decode(encoded);
        if (!segment || !is_plain_name(*segment)) return std::nullopt;
        if (!path.empty()) path += '/';
        path += *segment;
    }
    return path;
}

Task<Response> StaticFiles::get(Request& request) {
    const std::optional<std::string> path = path_beneath(request.path);
    if (!path) co_return not_found(request);
    if (opening_ == kOpeningMax || opening_ + open_ >= kOpenMax) co_return busy(request);
    const Counted counted(opening_);
    auto opening = thread_.run([this, &path] { return open_beneath(directory_, *path); });
    Result<OpenFile> file = co_await opening;
    if (!file) co_return not_opened(request, file.error());
    co_return answer(request, content_type_of(*path), std::move(*file));
}

Response StaticFiles::answer(const Request& request, std::string_view content_type, OpenFile file) {
    const auto size = static_cast<std::uint64_t>(file.status.st_size);
    const std::int64_t modified = file.status.st_mtim.tv_sec;
    const std::string etag = etag_of(file.status);
    const ByteRange range = asked_range(request, etag, size);
    const bool current = is_current(request, etag, modified);
    if (!current && range.kind == ByteRange::Kind::unsatisfiable) return no_such_range(request, size);

    Response response;
    response.headers.add("Content-Type", content_type);
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("ETag", etag);
    response.headers.add("Last-Modified", http_date(modified));
    response.headers.add("Accept-Ranges", "bytes");
    if (current) {
        response.status = 304;
        return response;
    }
    std::uint64_t first = 0;
    std::uint64_t bytes = size;
    if (range.kind == ByteRange::Kind::part) {
        first = range.first;
        bytes = range.size;
        response.status = 206;
        response.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", first, first + bytes - 1, size));
    }
    if (bytes > 0) response.file = std::make_shared<FileBody>(thread_, open_, std::move(file.descriptor), first, bytes);
    return response;
}

}  // namespace pomiar::http
