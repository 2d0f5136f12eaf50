#include "jinja/word_wrap.hpp"

#include <algorithm>

#include "jinja/budget.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

std::int64_t width_of(std::string_view text) {
    return static_cast<std::int64_t>(count_code_points(text));
}
// Whether it has no more code points than that; a long text is not counted to its end.
bool fits(std::string_view text, std::int64_t width) {
    return width >= 0 && code_point_offset(text, static_cast<std::size_t>(width)) == text.size();
}
bool is_blank(char c) {
    return c == ' ' || (c >= 9 && c <= 13);
}
bool is_letter_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return false;
    std::string_view rest = text.substr(at);
    const char32_t code = take_code_point(rest);
    return is_word(code) && !(code >= '0' && code <= '9') && code != '_';
}
bool is_letter_before(std::string_view text, std::size_t at) {
    while (at > 0) {
        --at;
        if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) break;
    }
    return is_letter_at(text, at);
}

// Where a word may be broken: behind a hyphen that stands between letters.
void split_word(std::string_view word, bool on_hyphens, std::vector<std::string_view>& chunks) {
    std::size_t start = 0;
    for (std::size_t i = 1; on_hyphens && i + 1 < word.size(); ++i) {
        if (word[i] != '-' || word[i + 1] == '-' || word[i - 1] == '-') continue;
        const bool two_before =
            is_letter_before(word, i) && i >= start + 2 && (is_letter_before(word, i - 1) || word[i - 2] == '-');
        const bool two_after =
            is_letter_at(word, i + 1) && i + 2 < word.size() && (is_letter_at(word, i + 2) || word[i + 2] == '-');
        if (!two_before || !two_after) continue;
        chunks.push_back(word.substr(start, i + 1 - start));
        start = i + 1;
    }
    if (start < word.size()) chunks.push_back(word.substr(start));
}

std::vector<std::string_view> split_chunks(std::string_view line, bool on_hyphens) {
    std::vector<std::string_view> chunks;
    while (!line.empty()) {
        const bool blank = is_blank(line[0]);
        std::size_t end = 0;
        while (end < line.size() && is_blank(line[end]) == blank) ++end;
        if (blank) {
            chunks.push_back(line.substr(0, end));
        } else {
            split_word(line.substr(0, end), on_hyphens, chunks);
        }
        line.remove_prefix(end);
    }
    charge_steps(chunks.size());
    return chunks;
}

bool is_all_blank(std::string_view chunk) {
    return std::ranges::all_of(chunk, is_blank);
}

}  // namespace

std::vector<std::string> wrap(std::string_view line, const WrapOptions& options) {
    std::vector<std::string_view> chunks = split_chunks(line, options.break_on_hyphens);
    std::ranges::reverse(chunks);
    std::vector<std::string> lines;
    while (!chunks.empty()) {
        charge_steps(1);
        std::vector<std::string_view> current;
        std::int64_t width = 0;
        if (!lines.empty() && is_all_blank(chunks.back())) chunks.pop_back();
        while (!chunks.empty() && fits(chunks.back(), options.width - width)) {
            width += width_of(chunks.back());
            current.push_back(chunks.back());
            chunks.pop_back();
        }
        if (!chunks.empty() && !fits(chunks.back(), options.width)) {
            // A chunk that fits no line.
            if (options.break_long_words) {
                // None where the line is full to its end: then the blank there stays, too.
                const auto room = static_cast<std::size_t>(options.width < 1 ? 1 : options.width - width);
                std::size_t cut = code_point_offset(chunks.back(), room);
                const std::size_t hyphen = chunks.back().substr(0, cut).rfind('-');
                if (options.break_on_hyphens && hyphen != std::string_view::npos && hyphen > 0 &&
                    chunks.back().substr(0, hyphen).find_first_not_of('-') != std::string_view::npos) {
                    cut = hyphen + 1;
                }
                current.push_back(chunks.back().substr(0, cut));
                chunks.back().remove_prefix(cut);
            } else if (current.empty()) {
                current.push_back(chunks.back());
                chunks.pop_back();
            }
        }
        if (!current.empty() && is_all_blank(current.back())) current.pop_back();
        if (current.empty()) continue;
        std::string text;
        for (const std::string_view chunk : current) text.append(chunk);
        charge_made(sizeof(std::string) + text.size());
        lines.push_back(std::move(text));
    }
    return lines;
}

}  // namespace pomiar::jinja
