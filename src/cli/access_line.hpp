// The access log: a line for each answer, in the format that nginx's users call minimal, "192.168.1.7 200 5123 0.002".
// It has no path: paths of devices and pages are of no use there, and could hold secrets.
#pragma once

#include <string>

#include "http/server.hpp"

namespace pomiar::cli {

// Address, status, bytes of the body, seconds.
std::string access_line(const http::Answered& answered);

}  // namespace pomiar::cli
