// Readings as they are, of several series together, in time order, forwards or backwards, and in pages.
// Thread: the reader thread, inside a job of the store. Memory: twice a page, however many series.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/readings.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {

inline constexpr std::uint32_t kRowsMax = 100'000;          // readings of one page
inline constexpr std::size_t kPageTextBytesMax = 4u << 20;  // a page with more text ends early, never before one row

// Where a page ended: the last reading it holds. Readings of one time are in order of their series' ids.
struct Position {
    Nanoseconds time;
    storage::SeriesId series;

    auto operator<=>(const Position&) const = default;
};

// "1764007200000000000.17". Opaque to clients.
std::string format_position(Position position);
// Errors: invalid, names the parameter `next`.
Result<Position> parse_position(std::string_view text);

enum class Order { oldest_first, newest_first };

struct RawQuery {
    storage::TimeRange range;
    std::uint32_t limit = 1'000;         // 1 to kRowsMax
    std::optional<Position> after = {};  // the page before this one ended here
    Order order = Order::oldest_first;
};

struct Page {
    std::vector<storage::SeriesInfo> series;  // those asked for, in order of id
    storage::Readings readings;               // in the order asked; where times are equal, in that of the ids
    std::vector<std::uint32_t> series_of;     // for each reading, its index in `series`
    std::optional<Position> next;             // there is more; hand it back as `after`
    std::optional<Error> damage;              // readings that could not be read are missing
};

// Errors: invalid (the limit), io.
Result<Page> read_page(storage::Snapshot& snapshot, std::vector<storage::SeriesInfo> series, const RawQuery& query);

// Series of the sensor and field; an empty one matches all. For who may see only sensors that begin with `only`, no
// other exists. Errors: not_found, names the parameter and the text.
Result<std::vector<storage::SeriesInfo>> select_series(storage::Snapshot& snapshot, std::string_view sensor,
                                                       std::string_view field, std::string_view only = {});

}  // namespace pomiar::query
