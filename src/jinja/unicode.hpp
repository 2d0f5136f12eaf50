// Texts as Python sees them: code points, their classes and their case. Bytes that are not UTF-8 count as one code
// point each and are kept as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pomiar::jinja {

// Takes the first code point off a text that is not empty. For a byte that is not UTF-8: 0x110000 + the byte.
char32_t take_code_point(std::string_view& text);
void append_code_point(std::string& out, char32_t code);

std::size_t count_code_points(std::string_view text);
// Where the code point with this index begins; text.size() from the end on.
std::size_t code_point_offset(std::string_view text, std::size_t index);

bool is_space(char32_t code);  // str.isspace
bool is_word(char32_t code);   // letters, digits and "_"
bool is_alphabetic(char32_t code);
bool is_printable(char32_t code);
bool is_upper(char32_t code);
bool is_lower(char32_t code);

char32_t to_lower(char32_t code);
void append_upper(std::string& out, char32_t code);  // more than one code point for some, as for "ß"
void append_title(std::string& out, char32_t code);  // as at a word's beginning: "Ss"

std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalize(std::string_view text);
std::string fold_case(std::string_view text);  // str.casefold: for comparing, "ß" as "ss"
// The text without what `unwanted` accepts at its ends.
std::string_view strip_space(std::string_view text, bool left = true, bool right = true);

}  // namespace pomiar::jinja
