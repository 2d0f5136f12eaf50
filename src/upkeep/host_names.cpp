#include "upkeep/host_names.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035 section 2.3.4, as text
constexpr std::size_t kListBytesMax = 256 * 1024;
constexpr std::size_t kAddressDigits = 32;
constexpr std::size_t kFlagsColumn = 4;
constexpr unsigned int kTemporary = 0x01;  // IFA_F_TEMPORARY of linux/if_addr.h

struct FreeInterfaces {
    void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

std::string text_of(const in6_addr& address) {
    char text[INET6_ADDRSTRLEN];
    return ::inet_ntop(AF_INET6, &address, text, sizeof text) == nullptr ? "" : text;
}

std::optional<std::string> address_text(const sockaddr* address) {
    if (address == nullptr) return std::nullopt;
    if (address->sa_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
        char text[INET_ADDRSTRLEN];
        if (::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text) == nullptr) return std::nullopt;
        return text;
    }
    if (address->sa_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
        if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return std::nullopt;
        return text_of(v6->sin6_addr);
    }
    return std::nullopt;
}

}  // namespace

// "fe800000000000000000000000000001 02 40 20 80 eth0": address, interface, prefix, scope, flags.
std::set<std::string> temporary_addresses(const std::string& if_inet6) {
    std::set<std::string> found;
    const auto list = read_whole(real_file_system(), if_inet6, kListBytesMax);
    if (!list) return found;
    for (const std::string_view line : split(*list, '\n')) {
        std::vector<std::string_view> columns = split(line, ' ');
        std::erase(columns, std::string_view());
        if (columns.size() <= kFlagsColumn || columns.front().size() != kAddressDigits) continue;
        const std::string_view digits = columns.front();
        const std::string_view flags_text = columns[kFlagsColumn];
        unsigned int flags = 0;
        const char* const end = flags_text.data() + flags_text.size();
        if (std::from_chars(flags_text.data(), end, flags, 16).ptr != end || (flags & kTemporary) == 0) continue;
        std::string text;
        for (std::size_t i = 0; i < kAddressDigits; i += 4) text.append(i == 0 ? "" : ":").append(digits.substr(i, 4));
        in6_addr address{};
        if (::inet_pton(AF_INET6, text.c_str(), &address) == 1) found.insert(text_of(address));
    }
    return found;
}

bool is_host_name(std::string_view name) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, is_fine);
}

CertificateSubject subject_of_this_host() {
    CertificateSubject subject;
    char host[kNameBytesMax + 1] = "";
    ::gethostname(host, sizeof host - 1);
    const std::string name = host;
    if (is_host_name(name) && name != "localhost") {
        subject.names.push_back(name);
        if (!name.contains('.')) subject.names.push_back(name + ".local");
    }
    subject.names.emplace_back("localhost");

    std::set<std::string> addresses{"127.0.0.1", "::1"};
    const std::set<std::string> temporary = temporary_addresses();
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) == 0) {
        const std::unique_ptr<ifaddrs, FreeInterfaces> owned(list);
        for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
            auto text = address_text(each->ifa_addr);
            if (text && !temporary.contains(*text)) addresses.insert(std::move(*text));
        }
    }
    subject.addresses.assign(addresses.begin(), addresses.end());
    return subject;
}

}  // namespace pomiar::upkeep
