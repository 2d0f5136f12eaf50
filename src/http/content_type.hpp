// What a file is, by the end of its name.
#pragma once

#include <string_view>

namespace pomiar::http {

// "text/css; charset=utf-8" for "own.css"; "application/octet-stream" for what is not known. Lasts for ever.
std::string_view content_type_of(std::string_view path);

}  // namespace pomiar::http
