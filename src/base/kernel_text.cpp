#include "base/kernel_text.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"

namespace pomiar {
namespace {

constexpr std::size_t kTextBytesMax = 256u << 10;

}  // namespace

std::string kernel_text(const std::string& path) {
    const auto file = real_file_system().open(path, OpenMode::read);
    if (!file) return {};
    std::string text(kTextBytesMax, '\0');
    const auto size = (*file)->read_at(0, text.data(), text.size());
    text.resize(size.value_or(0));
    return text;
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t begin = line.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        at = std::min(line.find_first_of(" \t", begin), line.size());
        found.push_back(line.substr(begin, at - begin));
    }
    return found;
}

std::optional<std::uint64_t> parse_kernel_size(std::string_view text, std::string_view name) {
    for (std::string_view line : split(text, '\n')) {
        if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
        line = trim(line.substr(name.size() + 1));
        const auto kib = parse_uint64(line.substr(0, line.find(' ')));
        if (!kib || !line.ends_with(" kB")) return std::nullopt;
        return *kib * 1024;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> memory_of_process(const std::string& root) {
    const auto shared = parse_kernel_size(kernel_text(root + "/proc/self/smaps_rollup"), "Pss");
    return shared ? shared : parse_kernel_size(kernel_text(root + "/proc/self/status"), "VmRSS");
}

}  // namespace pomiar
