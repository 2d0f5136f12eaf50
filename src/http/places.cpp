#include "http/places.hpp"

#include <algorithm>
#include <utility>

namespace pomiar::http {

std::optional<Places::Place> Places::take(std::string_view peer, bool is_owners) {
    Holder holder{.address = {}, .is_owners = is_owners};
    if (!is_owners) holder.address = parse_client_address(peer);
    // A proxy's connections are many people's, and a unix socket has no address.
    if (holder.address &&
        (holder.address->family == ClientAddress::Family::unix_socket ||
         std::ranges::any_of(bounds_.exempt, [&](const Network& proxy) { return proxy.has(*holder.address); })))
        holder.address.reset();
    const std::lock_guard lock(mutex_);
    if (holder.address) {
        if (shares_.held(*holder.address) >= bounds_.each) return std::nullopt;
        shares_.take(*holder.address);
    }
    ++(is_owners ? owners_ : others_);
    return Place(shared_from_this(), holder);
}

void Places::give_back(const Holder& holder) {
    const std::lock_guard lock(mutex_);
    --(holder.is_owners ? owners_ : others_);
    if (holder.address) shares_.give_back(*holder.address);
    if (std::exchange(is_wanted_, false) && on_room_) on_room_();
}

bool Places::has_room(bool is_owners) const {
    const std::lock_guard lock(mutex_);
    return is_free(is_owners);
}

bool Places::has_room_or_tell(bool is_owners) {
    const std::lock_guard lock(mutex_);
    if (is_free(is_owners)) return true;
    is_wanted_ = true;
    return false;
}

void Places::on_room(std::function<void()> callback) {
    const std::lock_guard lock(mutex_);
    on_room_ = std::move(callback);
}

std::size_t Places::taken() const {
    const std::lock_guard lock(mutex_);
    return others_ + owners_;
}

}  // namespace pomiar::http
