// The configuration file that changes nothing: every setting as a comment, with its default.
#pragma once

#include <string>

namespace pomiar::cli {

// TOML, ready for /etc/pomiar/pomiar.toml: a section for each part of the table, and in it for each key what it means,
// its bounds, and `#key = default`. Without the `#` a line is that setting.
std::string default_file();

}  // namespace pomiar::cli
