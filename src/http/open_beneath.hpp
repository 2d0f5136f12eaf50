// Opens a regular file below a directory, whatever the path says and whatever else lies there: no way up, no symbolic
// link, no pipe or device. The directory itself may be reached by a link.
// Thread: any; may wait for the device.
#pragma once

#include <string>

#include <sys/stat.h>

#include "base/result.hpp"
#include "http/descriptor.hpp"

namespace pomiar::http {

struct OpenFile {
    Descriptor descriptor;  // for reading
    struct stat status;
};

// Errors: not_found, also for what is there and not to be had so; denied, when its permissions keep it from this
// program; busy, when there are no descriptors left; io.
Result<OpenFile> open_beneath(const std::string& directory, const std::string& path);

// The same one segment after the other, for kernels without openat2 (before 5.6) and filters that refuse it.
Result<OpenFile> walk_beneath(const std::string& directory, const std::string& path);

}  // namespace pomiar::http
