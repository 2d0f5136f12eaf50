// Static files built into the program, compressed beforehand, under names that carry their content's hash.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "http/router.hpp"

namespace pomiar::http {

// All views are of bytes that outlive the server.
struct Asset {
    std::string_view path;          // "/static/app-3f9c2a.css"
    std::string_view content_type;  // "text/css; charset=utf-8"
    std::string_view identity;      // plain bytes; "" if they are to be unpacked from `gzip` for who takes nothing else
    std::string_view gzip = {};     // "" if it would not be smaller
    std::string_view brotli = {};
    std::string_view etag = {};  // with its quotes: "\"3f9c2a\""
    bool immutable = true;       // max-age of a year; else must be asked for again each time
};

// Adds a route for each asset. Accept-Encoding, If-None-Match (304) and HEAD are heeded.
void add_assets(Router& router, std::span<const Asset> assets, const RouteOptions& options = {});

// An asset's plain bytes, where they have to be unpacked.
inline constexpr std::size_t kUnpackedAssetBytesMax = 1024 * 1024;

// The answer for one asset, for programs that route themselves.
Response serve_asset(const Request& request, const Asset& asset);

}  // namespace pomiar::http
