// Readings of a few series to compressed bytes and back, exactly: every bit of every value, every nanosecond. Series
// that report together stand in one block and share what their times have in common; each can be read without the
// others. Roll-ups likewise.
// Pure functions: no I/O, no clock, no state; any thread. Memory: a few times the decoded size, for the call only.
// Format: docs/formats/block.md.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/codec/roll_ups.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kBlockReadingsMax = 65'536;      // of one series in one block
inline constexpr std::size_t kBlockTextBytesMax = 16u << 20;  // of its distinct texts, together
inline constexpr std::size_t kBlockColumnsMax = 256;

// What a block gets of one series. The readings are borrowed.
struct BlockColumn {
    SeriesId series;
    const Readings& readings;
    std::size_t first;  // [first, last) of them
    std::size_t last;
};
struct RollUpColumn {
    SeriesId series;
    const RollUps& roll_ups;
    std::size_t first;
    std::size_t last;
};

// Appends one block to `out`. Columns are 1 to kBlockColumnsMax, series ascending; readings of each are 1 to
// kBlockReadingsMax, times strictly ascending, all of one SeriesType, a boolean's bits 0 or 1, texts within
// kBlockTextBytesMax (asked with text_bytes, which counts equal texts again and again, and so is on the safe side).
// What breaks these rules is our own mistake: BUG.
void encode_block(std::span<const BlockColumn> columns, std::string& out);
// The same of roll-ups, whose times are whole spans of the level, which is not raw.
void encode_block(std::span<const RollUpColumn> columns, Level level, std::string& out);

// A block's table of contents. Borrows the bytes.
class BlockView {
  public:
    struct Column {
        SeriesId series;        // 0 in a block of format version 1, which does not say
        std::size_t count;      // readings or roll-ups
        std::size_t reference;  // 1 + the place of the column whose times tell this one's; 0: none
        std::string_view times;
        std::string_view values;
        std::uint32_t sum;
    };

    // Errors: corrupt (damage to the table of contents, a format version this program does not know).
    static Result<BlockView> open(std::string_view bytes);

    Level level() const { return level_; }
    const std::vector<Column>& columns() const { return columns_; }
    // Its place in columns(), from 0.
    std::optional<std::size_t> find(SeriesId series) const;

    // Replace the content of the last argument; equal texts then share their bytes. Allocate by the column's own count,
    // which is checked against the limits above. Errors: corrupt (any damage to what the column needs; also a block
    // that is not of that kind); then it is empty.
    Result<> read(std::size_t column, Readings& readings) const;
    Result<> read(std::size_t column, RollUps& roll_ups) const;
    Result<> read_times(std::size_t column, std::vector<Nanoseconds>& times) const;

  private:
    Result<> check_sum(std::size_t column) const;

    unsigned version_ = 0;
    Level level_ = Level::raw;
    std::uint32_t contents_sum_ = 0;
    std::vector<Column> columns_;
};

// Bytes of text in readings [first, last); 0 for other series.
std::size_t text_bytes(const Readings& readings, std::size_t first, std::size_t last);

}  // namespace pomiar::storage
