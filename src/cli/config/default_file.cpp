#include "cli/config/default_file.hpp"

#include <fmt/core.h>

#include "base/bug.hpp"
#include "base/text.hpp"
#include "cli/config/setting.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::string_view kOpening =
    "# The settings of Pomiar, each with its default: take the # away from a line to change it. Then\n"
    "# `pomiar config --check` says what is wrong, and `pomiar config` what is in force.\n"
    "# pomiar.toml(5) explains how values are written.\n";

// As lines of comment that are no longer than kColumns, unless a word is.
std::string comment(std::string_view text) {
    std::string out = "#";
    std::size_t line = 0;  // where the last one starts
    for (const auto word : split(text, ' ')) {
        if (out.size() - line > 1 && out.size() - line + 1 + word.size() > kColumns) {
            out += "\n#";
            line = out.size() - 1;
        }
        out += " ";
        out += word;
    }
    return out + "\n";
}

}  // namespace

std::string default_file() {
    std::string out(kOpening);
    std::string_view section;
    for (const auto& setting : settings()) {
        const auto dot = setting.key.find('.');
        if (setting.key.substr(0, dot) != section) {
            section = setting.key.substr(0, dot);
            out += fmt::format("\n\n[{}]\n", section);
        }
        Configuration initial;
        const Result<> good = assign(setting, initial, setting.initial);
        require(good.has_value(), "a setting's default must be a good value");
        std::string meaning(setting.help);
        if (!setting.minimum.empty()) meaning += fmt::format(" From {} to {}.", setting.minimum, setting.maximum);
        out += '\n' + comment(meaning);
        out += fmt::format("#{} = {}\n", setting.key.substr(dot + 1), value_text(setting, initial));
    }
    return out;
}

}  // namespace pomiar::cli
