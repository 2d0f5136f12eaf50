// Which part of a body a Range field asks for (RFC 9110 section 14.1.2).
#pragma once

#include <cstdint>
#include <string_view>

namespace pomiar::http {

struct ByteRange {
    enum class Kind : std::uint8_t {
        whole,  // all of it: the field is none that is understood, or asks for several parts, and is passed over
        part,   // `size` bytes from `first` on; at least one, and all of them exist
        unsatisfiable,  // none of its bytes exists: 416
    };
    Kind kind = Kind::whole;
    std::uint64_t first = 0;
    std::uint64_t size = 0;
};

// field: "bytes=0-499", "bytes=500-", "bytes=-500". size: of the whole body.
ByteRange byte_range(std::string_view field, std::uint64_t size);

}  // namespace pomiar::http
