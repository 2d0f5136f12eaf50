// What is expected next depends on what came last: a context model puts the two tokens before into one of a few
// classes, and each class has frequencies of its own.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "storage/codec/tokens.hpp"

namespace pomiar::storage::codec {

// The numbers are part of the format.
enum class ContextModel : std::uint8_t {
    none = 0,          // one context
    last_four = 1,     // the last token: 0, 1, 2, 3 or more
    last_sixteen = 2,  // the last token: 0 to 14, 15 or more
    last_size = 3,     // the last token by powers of two
    two_three = 4,     // the last two tokens: each 0, 1, 2 or more
    two_sizes = 5,     // the last two tokens by powers of four or so
};
inline constexpr unsigned kContextModels = 6;
inline constexpr unsigned kContextsMax = 36;

// context = last[t1] + before[t2], where t1 is the token before, t2 the one before that; both 0 at the start.
struct ContextMap {
    std::array<std::uint8_t, 256> last{};
    std::array<std::uint8_t, 256> before{};
    unsigned count = 1;
};

namespace detail {
constexpr unsigned size_class(unsigned token) {
    const auto width = static_cast<unsigned>(std::bit_width(token));
    return width < 7 ? width : 7;
}
constexpr unsigned coarse_class(unsigned token) {
    if (token < 2) return token;
    if (token < 4) return 2;
    if (token < 12) return 3;
    return token < 32 ? 4 : 5;
}
constexpr unsigned at_most(unsigned token, unsigned bound) {
    return token < bound ? token : bound;
}
constexpr ContextMap make_map(ContextModel model) {
    ContextMap map;
    for (unsigned token = 0; token < 256; ++token) {
        unsigned last = 0;
        unsigned before = 0;
        switch (model) {
            case ContextModel::none:
                break;
            case ContextModel::last_four:
                last = at_most(token, 3);
                map.count = 4;
                break;
            case ContextModel::last_sixteen:
                last = at_most(token, 15);
                map.count = 16;
                break;
            case ContextModel::last_size:
                last = size_class(token);
                map.count = 8;
                break;
            case ContextModel::two_three:
                last = at_most(token, 2) * 3;
                before = at_most(token, 2);
                map.count = 9;
                break;
            case ContextModel::two_sizes:
                last = coarse_class(token) * 6;
                before = coarse_class(token);
                map.count = 36;
                break;
        }
        map.last[token] = static_cast<std::uint8_t>(last);
        map.before[token] = static_cast<std::uint8_t>(before);
    }
    return map;
}
}  // namespace detail

inline constexpr std::array<ContextMap, kContextModels> kContextMaps = {
    detail::make_map(ContextModel::none),         detail::make_map(ContextModel::last_four),
    detail::make_map(ContextModel::last_sixteen), detail::make_map(ContextModel::last_size),
    detail::make_map(ContextModel::two_three),    detail::make_map(ContextModel::two_sizes),
};

}  // namespace pomiar::storage::codec
