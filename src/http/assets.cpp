#include "http/assets.hpp"

#include "base/text.hpp"
#include "http/compression.hpp"

namespace pomiar::http {
namespace {

// If-None-Match compares weakly (RFC 9110 section 13.1.2).
bool is_known(const Request& request, std::string_view etag) {
    const auto known = request.headers.find("If-None-Match");
    if (!known || etag.empty()) return false;
    for (std::string_view item : split(*known, ',')) {
        item = trim(item);
        if (item.starts_with("W/")) item.remove_prefix(2);
        if (item == etag || item == "*") return true;
    }
    return false;
}

}  // namespace

Response serve_asset(const Request& request, const Asset& asset) {
    Response response;
    response.headers.add("Content-Type", asset.content_type);
    response.headers.add("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!asset.etag.empty()) response.headers.add("ETag", asset.etag);
    if (!asset.gzip.empty() || !asset.brotli.empty()) response.headers.add("Vary", "Accept-Encoding");
    if (is_known(request, asset.etag)) {
        response.status = 304;
        return response;
    }
    response.fixed = asset.identity;
    if (!asset.brotli.empty() && accepts_encoding(request.headers, "br")) {
        response.fixed = asset.brotli;
        response.headers.add("Content-Encoding", "br");
    } else if (!asset.gzip.empty() && accepts_encoding(request.headers, "gzip")) {
        response.fixed = asset.gzip;
        response.headers.add("Content-Encoding", "gzip");
    }
    return response;
}

void add_assets(Router& router, std::span<const Asset> assets, const RouteOptions& options) {
    for (const Asset& asset : assets) {
        router.get(
            asset.path, [&asset](Request& request) -> Task<Response> { co_return serve_asset(request, asset); },
            options);
    }
}

}  // namespace pomiar::http
