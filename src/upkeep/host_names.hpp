// What this machine is called, and where it is reached: what its certificate has to name.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::upkeep {

struct CertificateSubject {
    std::vector<std::string> names;      // DNS names; the first is the common name
    std::vector<std::string> addresses;  // IPv4 and IPv6, as text

    bool operator==(const CertificateSubject&) const = default;
};

// The host's name (plain and with ".local"), localhost, and the addresses of its interfaces and the loopback, sorted;
// without those that IPv6 makes for a day (RFC 8981) and those that mean nothing without their interface.
CertificateSubject subject_of_this_host();

// Of the IPv6 addresses that Linux lists with their flags, as text. What is not such a list gives none.
std::set<std::string> temporary_addresses(const std::string& if_inet6 = "/proc/net/if_inet6");

bool is_host_name(std::string_view name);

}  // namespace pomiar::upkeep
