#include "cli/owner.hpp"

#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/core.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.hpp"

namespace pomiar::cli {
namespace {

struct Owner {
    uid_t user;
    gid_t group;
};

// Nothing where there is no reason to become somebody else.
std::optional<Owner> other_owner_of(const std::string& directory) {
    struct stat s{};
    if (::geteuid() != 0 || ::stat(directory.c_str(), &s) != 0 || s.st_uid == 0) return std::nullopt;
    return Owner{s.st_uid, s.st_gid};
}

std::unexpected<Error> cannot_become(const std::string& directory) {
    return failure(ErrorKind::denied,
                   fmt::format("cannot become the owner of {}: {}", directory, std::generic_category().message(errno)));
}

}  // namespace

Result<> become_owner_of(const std::string& directory) {
    const auto owner = other_owner_of(directory);
    if (!owner) return {};
    if (::setgroups(0, nullptr) != 0 || ::setgid(owner->group) != 0 || ::setuid(owner->user) != 0)
        return cannot_become(directory);
    return {};
}

Result<> as_owner_of(const std::string& directory, const std::function<Result<>()>& work) {
    const auto owner = other_owner_of(directory);
    if (!owner) return work();
    const gid_t group = ::getegid();
    if (::setegid(owner->group) != 0 || ::seteuid(owner->user) != 0) return cannot_become(directory);
    auto done = work();
    require(::seteuid(0) == 0 && ::setegid(group) == 0, "root is not root again");
    return done;
}

}  // namespace pomiar::cli
