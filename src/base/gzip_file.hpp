// A file becomes its gzip (RFC 1952), in pieces: it may be larger than memory.
#pragma once

#include <string>

#include "base/file.hpp"

namespace pomiar {

// All or nothing, and durable: written aside as TO.new, synced, renamed. `from` stays.
// Errors: those of the files.
Result<> gzip_file(FileSystem& files, const std::string& from, const std::string& to);

}  // namespace pomiar
