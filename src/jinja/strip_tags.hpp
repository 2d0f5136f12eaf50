// HTML without its tags and comments, blanks joined to one, entities resolved.
#pragma once

#include <string>
#include <string_view>

namespace pomiar::jinja {

std::string strip_tags(std::string_view html);

}  // namespace pomiar::jinja
