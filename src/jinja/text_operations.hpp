// What Python's str methods do, on UTF-8 texts. Widths and counts are in code points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::jinja {

inline constexpr std::int64_t kNoLimit = -1;

std::vector<std::string_view> split_space(std::string_view text, std::int64_t most = kNoLimit);
std::vector<std::string_view> split_space_from_right(std::string_view text, std::int64_t most = kNoLimit);
// The separator is not empty.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most = kNoLimit);
std::vector<std::string_view> split_at_from_right(std::string_view text, std::string_view separator,
                                                  std::int64_t most = kNoLimit);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends = false);

std::string replace(std::string_view text, std::string_view old, std::string_view by, std::int64_t most = kNoLimit);
// The text without the code points of `unwanted` at its ends.
std::string_view strip(std::string_view text, std::string_view unwanted, bool left, bool right);
std::string title(std::string_view text);  // str.title, not the filter

enum class Side : std::uint8_t { left, center, right };
// Filled up to `width` code points, the text standing on `side`.
std::string pad(std::string_view text, std::int64_t width, std::string_view fill, Side side);
std::int64_t count_occurrences(std::string_view text, std::string_view part);

}  // namespace pomiar::jinja
