// What the build puts into the program: static files and page templates. The tables come from frontend/build.mjs.
// Owns:   nothing; all views last as long as the program.
// Thread: any.
#pragma once

#include <span>
#include <string_view>

#include "http/assets.hpp"

namespace pomiar::web {

struct Embedded {
    std::string_view name;
    std::string_view text;
};

std::span<const http::Asset> embedded_assets();
std::span<const Embedded> embedded_asset_paths();    // "app.css" -> "/static/app-3f9c2a71d0.css"
std::span<const Embedded> embedded_templates();      // "overview.html" -> its source
std::span<const Embedded> embedded_page_examples();  // "garden" -> a page of one's own to begin with

// The text by that name, or nullptr.
inline const std::string_view* find(std::span<const Embedded> table, std::string_view name) {
    for (const Embedded& entry : table) {
        if (entry.name == name) return &entry.text;
    }
    return nullptr;
}

}  // namespace pomiar::web
