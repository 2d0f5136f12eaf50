// Where the spool of a data directory lies: memory that outlives the process, and belongs to its user alone.
#pragma once

#include <string>

#include "base/result.hpp"

namespace pomiar::storage {

inline constexpr const char* kSpoolNote = "/journal/spool";  // a symbolic link: it takes no block
inline constexpr const char* kSpoolAuto = "auto";
inline constexpr const char* kSpoolOff = "off";

// `setting` is kSpoolAuto, kSpoolOff or a directory. The path of the file, which need not be there; empty where there
// is none: switched off, or with kSpoolAuto in a container, whose memory goes with its first process, or where /dev/shm
// is no memory. Errors: invalid, for a directory that is none or not in memory; io, where the data directory cannot be
// looked at.
Result<std::string> spool_path(const std::string& setting, const std::string& data_directory);

// Writes down where the spool of a data directory lies, for who looks at it without its settings; empty: nowhere.
// Writes only what changes. Errors: io.
Result<> note_spool(const std::string& data_directory, const std::string& spool_path);
// What was written down; empty: nothing.
std::string noted_spool(const std::string& data_directory);

// Makes the folder of the file. Errors: denied, where somebody else has made it; io.
Result<> make_spool_folder(const std::string& spool_path);

}  // namespace pomiar::storage
