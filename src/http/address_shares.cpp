#include "http/address_shares.hpp"

#include <algorithm>

namespace pomiar::http {
namespace {

ClientAddress holder_of(ClientAddress address) {
    if (address.family == ClientAddress::Family::v6) std::fill_n(address.bytes.begin() + 8, 8, std::uint8_t{0});
    return address;
}

}  // namespace

std::size_t AddressShares::held(const ClientAddress& address) const {
    const auto found = held_.find(holder_of(address));
    return found == held_.end() ? 0 : found->second;
}

void AddressShares::take(const ClientAddress& address) {
    ++held_[holder_of(address)];
}

void AddressShares::give_back(const ClientAddress& address) {
    const auto found = held_.find(holder_of(address));
    if (found != held_.end() && --found->second == 0) held_.erase(found);
}

}  // namespace pomiar::http
