#include "cli/service/inherited_sockets.hpp"

#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kSocketsMax = 64;

std::optional<DoorKind> kind_of(std::string_view name) {
    if (name == "plain") return DoorKind::plain;
    if (name == "ingest") return DoorKind::ingest;
    if (name.empty() || name == "https" || name == "unknown" || name.ends_with(".socket")) return DoorKind::https;
    return std::nullopt;
}

}  // namespace

Result<std::vector<InheritedSocket>> inherited_sockets(const ServiceEnvironment& environment) {
    std::vector<InheritedSocket> sockets;
    if (!is_this_process(environment.listen_pid)) return sockets;  // they are meant for another
    const auto count = parse_uint64(environment.listen_fds);
    if (!count || *count > kSocketsMax) {
        return failure(ErrorKind::invalid, fmt::format("LISTEN_FDS is {}, expected a number up to {}",
                                                       environment.listen_fds, kSocketsMax));
    }
    std::vector<std::string_view> names;
    if (!environment.listen_fdnames.empty()) names = split(environment.listen_fdnames, ':');
    if (names.size() > *count)
        return failure(ErrorKind::invalid, "LISTEN_FDNAMES names more sockets than LISTEN_FDS has");
    for (std::size_t i = 0; i < *count; ++i) {
        const std::string_view name = i < names.size() ? names[i] : std::string_view();
        const auto kind = kind_of(name);
        if (!kind) {
            return failure(ErrorKind::invalid,
                           fmt::format("an inherited socket is named {}, expected https, plain or ingest", name));
        }
        sockets.push_back({*kind, http::Descriptor(kFirst + static_cast<int>(i))});
    }
    return sockets;
}

}  // namespace pomiar::cli
