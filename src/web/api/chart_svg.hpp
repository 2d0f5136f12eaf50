// Charts as one picture that stands by itself: an SVG document with its colours, for pages elsewhere. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/chart.hpp"

namespace pomiar::web {

enum class SvgTheme : std::uint8_t { light, dark, automatic };

// All texts are plain; they are cut to what fits and escaped.
struct SvgPanel {
    std::string title;   // "Temperature"
    std::string latest;  // "21.4 °C"
    std::string note;    // where there is nothing to draw: "no readings", or a text
    query::Chart chart;  // drawn in the panel's frame
};

struct SvgPicture {
    std::string title;        // "kitchen"
    std::string range;        // "24h"
    std::uint32_t width = 0;  // in pixels
    std::uint32_t height = 0;
    SvgTheme theme = SvgTheme::automatic;
    std::vector<SvgPanel> panels;  // from top to bottom, equally high
};

inline constexpr std::uint32_t kSvgPanelHeightLeast = 80;
inline constexpr std::uint32_t kSvgHeaderHeight = 28;

// Where a panel's lines are drawn, in the picture's coordinates. count: of panels.
query::Frame svg_frame(const SvgPicture& picture, std::size_t panel, std::size_t count);

std::string to_svg(const SvgPicture& picture);

// What XML 1.0 cannot hold is replaced; quotes are escaped, too. `text` is UTF-8.
void append_xml_text(std::string& out, std::string_view text);

}  // namespace pomiar::web
