// Web and e-mail addresses in a text into links: the filter urlize.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::jinja {

struct LinkOptions {
    const std::int64_t* longest = nullptr;  // of the shown address, in code points; nothing: as it is
    std::string attributes;                 // of web links: ` rel="..."`
    std::vector<std::string_view> schemes;  // further beginnings that make an address: "tel:"
};

// Of a text that is HTML already.
std::string with_links(std::string_view html, const LinkOptions& options);

}  // namespace pomiar::jinja
