// A server's places for connections: how many are taken, and how many of them by each address, so that one cannot take
// all.
// Thread: any.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "http/address_shares.hpp"
#include "http/network.hpp"

namespace pomiar::http {

class Places : public std::enable_shared_from_this<Places> {
  public:
    struct Bounds {
        std::size_t all = 0;
        std::size_t each = 0;              // of one address
        std::vector<Network> exempt = {};  // whose connections are many people's
    };
    explicit Places(Bounds bounds) : bounds_(std::move(bounds)) {}
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() = default;

    // One of them; free again once this is gone.
    class Place;
    // By an address or "unix". Nothing: it has its share. The owner's are counted apart, and have no shares. Even
    // without room a place is given: who accepts looks at has_room() before.
    std::optional<Place> take(std::string_view peer, bool is_owners);

    bool has_room(bool is_owners) const;
    // The same; where there is none, on_room's callback is called when there is.
    bool has_room_or_tell(bool is_owners);
    // From whatever thread gives a place back; it must not take or give back any itself.
    void on_room(std::function<void()> callback);

    std::size_t taken() const;

  private:
    struct Holder {
        std::optional<ClientAddress> address;  // that has a share
        bool is_owners = false;
    };
    bool is_free(bool is_owners) const { return (is_owners ? owners_ : others_) < bounds_.all; }
    void give_back(const Holder& holder);

    const Bounds bounds_;
    mutable std::mutex mutex_;  // guards what follows
    std::size_t others_ = 0;
    std::size_t owners_ = 0;
    AddressShares shares_;
    bool is_wanted_ = false;
    std::function<void()> on_room_;
};

class Places::Place {
  public:
    Place(Place&& from) noexcept : places_(std::move(from.places_)), holder_(from.holder_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (places_) places_->give_back(holder_);
    }
    bool is_owners() const { return holder_.is_owners; }

  private:
    friend class Places;
    Place(std::shared_ptr<Places> places, const Holder& holder) : places_(std::move(places)), holder_(holder) {}

    std::shared_ptr<Places> places_;
    Holder holder_;
};

}  // namespace pomiar::http
