// The real templates, as they are before the build takes their indentation.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "web/embedded.hpp"

namespace pomiar::web::test {

inline std::span<const Embedded> built_templates() {
    static const auto texts = [] {
        std::map<std::string, std::string> found;
        for (const auto& file : std::filesystem::directory_iterator(POMIAR_SOURCE_DIR "/frontend/templates")) {
            std::ifstream in(file.path());
            found[file.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
        }
        return found;
    }();
    static const auto table = [] {
        std::vector<Embedded> entries;
        for (const auto& [name, text] : texts) entries.push_back({name, text});
        return entries;
    }();
    return table;
}

}  // namespace pomiar::web::test
