// How many of something each address has, so that one cannot take all.
// Addresses of one IPv6 network of 64 bits count together, as a host chooses among them as it likes.
#pragma once

#include <cstddef>
#include <map>

#include "http/network.hpp"

namespace pomiar::http {

class AddressShares {
  public:
    std::size_t held(const ClientAddress& address) const;
    void take(const ClientAddress& address);
    void give_back(const ClientAddress& address);

  private:
    std::map<ClientAddress, std::size_t> held_;
};

}  // namespace pomiar::http
