// A walk over one of the tables, as SQLite's cursors want it.
// Thread: that of the connection.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "sql/groups.hpp"
#include "sql/plan.hpp"
#include "sql/sqlite.hpp"

namespace pomiar::sql {

class Walk {
  public:
    virtual ~Walk() = default;

    // Begins anew. by_range: for a DELETE, one row for each series, whose key is all of the range, as long as nobody
    // looks at the readings. Errors: those of the source; invalid.
    virtual Result<> filter(const Plan& plan, sqlite3_value** values, std::shared_ptr<const SeriesList> series,
                            bool by_range) = 0;
    virtual Result<> next() = 0;
    virtual bool at_end() const = 0;
    // Errors: those of the source.
    virtual Result<> give(int column, sqlite3_context* to) = 0;

    // Readings that could not be read are missing; tells it once.
    std::optional<Error> take_damage() { return std::exchange(damage_, std::nullopt); }

  protected:
    void note(std::optional<Error>& damage) {
        if (damage && !damage_) damage_ = std::move(damage);
    }

  private:
    std::optional<Error> damage_;
};

inline void give_text(sqlite3_context* to, std::string_view text) {
    sqlite3_result_text64(to, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace pomiar::sql
