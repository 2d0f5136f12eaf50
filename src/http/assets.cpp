#include "http/assets.hpp"

#include "http/compression.hpp"

namespace pomiar::http {
namespace {

// A program that carried plain bytes besides would carry most of its front end twice, for curl alone.
void set_plain(Response& response, const Asset& asset) {
    if (!asset.identity.empty() || asset.gzip.empty()) {
        response.fixed = asset.identity;
        return;
    }
    auto plain = gunzip(asset.gzip, kUnpackedAssetBytesMax);
    if (!plain) {
        response = Response::of(plain.error());
        return;
    }
    response.body = std::move(*plain);
}

}  // namespace

Response serve_asset(const Request& request, const Asset& asset) {
    Response response;
    response.headers.add("Content-Type", asset.content_type);
    response.headers.add("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!asset.etag.empty()) response.headers.add("ETag", asset.etag);
    if (!asset.gzip.empty() || !asset.brotli.empty()) response.headers.add("Vary", "Accept-Encoding");
    if (!asset.etag.empty() && request.has_current(asset.etag)) {
        response.status = 304;
        return response;
    }
    if (!asset.brotli.empty() && accepts_encoding(request.headers, "br")) {
        response.fixed = asset.brotli;
        response.headers.add("Content-Encoding", "br");
    } else if (!asset.gzip.empty() && accepts_encoding(request.headers, "gzip")) {
        response.fixed = asset.gzip;
        response.headers.add("Content-Encoding", "gzip");
    } else {
        set_plain(response, asset);
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
