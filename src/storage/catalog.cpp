#include "storage/catalog.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

constexpr SeriesId kIdsLeftOutMax = 100'000;  // in a row

}  // namespace

SeriesId Catalog::find(std::string_view sensor, std::string_view field) const {
    const auto found = ids_.find(Names{sensor, field});
    return found == ids_.end() ? 0 : *found;
}

Result<SeriesId> Catalog::add(std::string_view sensor, std::string_view field, SeriesType type) {
    if (series_.size() >= series_max_) {
        return failure(
            ErrorKind::full,
            fmt::format("storage.max_series reached: there are {} series already, and \"{}\" {} would be one more",
                        series_.size(), sensor, field));
    }
    if (series_.size() == series_.capacity()) series_.reserve(series_.size() + std::max(64u, size() / 4));
    series_.push_back({size() + 1, std::string(sensor), std::string(field), type});
    ids_.insert(size());
    return size();
}

Result<> Catalog::restore(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) {
    if (knows(id)) return {};
    if (auto left = leave_out(id); !left) return left;
    series_[id - 1] = {id, std::string(sensor), std::string(field), type};
    ids_.insert(id);
    return {};
}

Result<> Catalog::leave_out(SeriesId up_to) {
    if (up_to > size() && up_to - size() > kIdsLeftOutMax) {
        return failure(ErrorKind::corrupt,
                       fmt::format("there cannot be a series {}: the last one is {}", up_to, size()));
    }
    while (size() < up_to) series_.push_back({size() + 1, {}, {}, SeriesType::number});
    return {};
}

}  // namespace pomiar::storage
