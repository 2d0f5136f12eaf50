// Which series there are: names to ids and back. Ids count from 1 in the order of first writing and are never reused.
// Thread: none of its own; the store guards it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

class Catalog {
  public:
    explicit Catalog(std::uint32_t series_max) : series_max_(series_max) {}
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    // 0: there is none.
    SeriesId find(std::string_view sensor, std::string_view field) const;
    // The next id. Errors: full (the message names storage.max_series).
    Result<SeriesId> add(std::string_view sensor, std::string_view field, SeriesType type);
    // As read from the database or the journal, past any limit. What is known already is left alone. Ids that are left
    // out belong to series whose definition is lost: nobody finds them, and no other series gets them.
    // Errors: corrupt, for an id that cannot be: it is far past all others.
    Result<> restore(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type);
    // Whether the id has a definition.
    bool knows(SeriesId id) const { return id != 0 && id <= size() && !info(id).sensor.empty(); }
    // Takes all ids up to this one. Errors: as restore().
    Result<> leave_out(SeriesId up_to);

    const SeriesInfo& info(SeriesId id) const { return series_[id - 1]; }
    const std::vector<SeriesInfo>& all() const { return series_; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(series_.size()); }

  private:
    // Ids are found by the names that stand in series_ anyway: names weigh more than all else about a quiet series.
    struct Names {
        std::string_view sensor;
        std::string_view field;
        bool operator==(const Names&) const = default;
    };
    struct Named {
        const std::vector<SeriesInfo>* series;
        Names operator()(SeriesId id) const { return {(*series)[id - 1].sensor, (*series)[id - 1].field}; }
        Names operator()(const Names& names) const { return names; }
    };
    struct Hash : Named {
        using is_transparent = void;
        std::size_t operator()(const auto& of) const {
            const Names names = Named::operator()(of);
            const std::hash<std::string_view> hash;
            return hash(names.sensor) * 31 + hash(names.field);
        }
    };
    struct Same : Named {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const { return Named::operator()(a) == Named::operator()(b); }
    };

    std::uint32_t series_max_;
    std::vector<SeriesInfo> series_;
    std::unordered_set<SeriesId, Hash, Same> ids_{0, Hash{{&series_}}, Same{{&series_}}};
};

}  // namespace pomiar::storage
