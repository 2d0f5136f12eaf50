#include "cli/descriptor_limit.hpp"

#include <algorithm>

#include <sys/resource.h>

#include "base/log.hpp"
#include "http/static_files.hpp"

namespace pomiar::cli {
namespace {

constexpr rlim_t kOthers = 64 + http::StaticFiles::kOpenMax;  // doors, files, the database, the loop's own

}  // namespace

void allow_descriptors_for(std::uint32_t connections) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = connections + kOthers;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    const bool raised = ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
    if (raised && limit.rlim_cur == wanted) return;
    log::warning("server.connections is {}, but the system allows this program no more than {} open files (ulimit -Hn)",
                 connections, limit.rlim_max);
}

}  // namespace pomiar::cli
