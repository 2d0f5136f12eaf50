#include "web/api/chart_svg.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <fmt/format.h>

namespace pomiar::web {
namespace {

constexpr double kLeft = 52;        // of the lines: room for the numbers
constexpr double kRight = 14;       // from the right edge
constexpr double kHeading = 30;     // above the lines
constexpr double kFoot = 22;        // below them: room for the times
constexpr double kLabelWidth = 52;  // of a time, with a gap
constexpr double kLabelHeight = 13;
constexpr double kLetterWidth = 7;  // about

constexpr std::string_view kShapes =
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}.b{font-weight:600}.h{font-size:14px}"
    ".l{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}.n{text-anchor:middle}"
    ".e{text-anchor:end}.g{stroke-width:1}";
constexpr std::string_view kLight =
    ".p{fill:#fff}.t{fill:#111827}.s{fill:#525e70}.g{stroke:#e0e4ea}.l{stroke:#0f766e}.m{fill:#0f766e;opacity:.18}";
constexpr std::string_view kDark =
    ".p{fill:#141a23}.t{fill:#e5eaf1}.s{fill:#96a2b3}.g{stroke:#28313e}.l{stroke:#40cfbb}.m{fill:#40cfbb;opacity:.2}";

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

// To so many characters, the last of them an ellipsis where some are missing.
std::string fitted(std::string_view text, double width) {
    const auto most = static_cast<std::size_t>(std::max(width / kLetterWidth, 4.0));
    std::size_t characters = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (++characters == most) end = i;
        if (characters > most) return std::string(text.substr(0, end)) + "…";
    }
    return std::string(text);
}

// Tenths without a needless zero.
std::string coordinate(double value) {
    return fmt::format("{}", std::round(value * 10) / 10);
}

class Writer {
  public:
    explicit Writer(const SvgPicture& picture) : picture_(picture), width_(picture.width) {}

    std::string write() {
        begin();
        for (std::size_t i = 0; i < picture_.panels.size(); ++i)
            panel(picture_.panels[i], svg_frame(picture_, i, picture_.panels.size()));
        return std::move(out_ += "</svg>\n");
    }

  private:
    void add(std::string_view text) { out_ += text; }

    void begin() {
        const std::string name = picture_.title + ", " + picture_.range;
        out_ += fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
            "{1}\" role=\"img\" aria-labelledby=\"name\"><title id=\"name\">",
            picture_.width, picture_.height);
        append_xml_text(out_, name);
        add("</title><style>");
        add(kShapes);
        add(picture_.theme == SvgTheme::dark ? kDark : kLight);
        if (picture_.theme == SvgTheme::automatic) {
            add("@media(prefers-color-scheme:dark){");
            add(kDark);
            add("}");
        }
        add("</style><rect class=\"p\" width=\"100%\" height=\"100%\" rx=\"6\"/>");
        text("t b h", 12, 20, fitted(picture_.title, width_ * 0.8));
        text("s e", width_ - kRight, 20, picture_.range);
    }

    void text(std::string_view classes, double x, double y, std::string_view content) {
        if (content.empty()) return;
        out_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">", classes, coordinate(x), coordinate(y));
        append_xml_text(out_, content);
        add("</text>");
    }

    void path(std::string_view classes, std::string_view data) {
        if (data.empty()) return;
        out_ += fmt::format("<path class=\"{}\" d=\"{}\"/>", classes, data);
    }

    void panel(const SvgPanel& panel, const query::Frame& frame) {
        const double baseline = frame.top - 14;
        text("t b", 12, baseline, fitted(panel.title, width_ * 0.5));
        text("t e", width_ - kRight, baseline, fitted(panel.latest, width_ * 0.4));
        value_marks(panel.chart, frame);
        time_marks(panel.chart, frame);
        path("m", panel.chart.band);
        path("l", panel.chart.line);
        if (!panel.note.empty()) {
            text("s n", frame.left + frame.width / 2, frame.top + frame.height / 2 + 4,
                 fitted(panel.note, frame.width));
        }
    }

    void value_marks(const query::Chart& chart, const query::Frame& frame) {
        double last = frame.top + frame.height + kLabelHeight;
        for (const query::Mark& mark : chart.values) {  // upwards
            out_ += fmt::format("<path class=\"g\" d=\"M{} {}h{}\"/>", coordinate(frame.left), coordinate(mark.at),
                                coordinate(frame.width));
            if (last - mark.at < kLabelHeight) continue;
            last = mark.at;
            text("s e", frame.left - 6, mark.at + 4, mark.label);
        }
    }

    // Those that would stand over each other or the edge are left out.
    void time_marks(const query::Chart& chart, const query::Frame& frame) {
        double free = 0;
        for (const query::Mark& mark : chart.times) {
            const double half = kLabelWidth / 2;
            if (mark.at - half < free || mark.at + half > width_) continue;
            free = mark.at + half;
            text("s n", mark.at, frame.top + frame.height + 16, mark.label);
        }
    }

    const SvgPicture& picture_;
    const double width_;
    std::string out_;
};

}  // namespace

query::Frame svg_frame(const SvgPicture& picture, std::size_t panel, std::size_t count) {
    const double height = (static_cast<double>(picture.height) - kSvgHeaderHeight) / static_cast<double>(count);
    return {.left = kLeft,
            .top = kSvgHeaderHeight + height * static_cast<double>(panel) + kHeading,
            .width = static_cast<double>(picture.width) - kLeft - kRight,
            .height = height - kHeading - kFoot};
}

std::string to_svg(const SvgPicture& picture) {
    return Writer(picture).write();
}

void append_xml_text(std::string& out, std::string_view text) {
    constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
        const std::string_view three = text.substr(i, 3);
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '\'') {
            out += "&#39;";
        } else if (is_control) {
            out += kReplacement;
        } else if (three == "\xef\xbf\xbe" || three == "\xef\xbf\xbf") {  // U+FFFE, U+FFFF
            out += kReplacement;
            i += 2;
        } else {
            out += c;
        }
    }
}

}  // namespace pomiar::web
