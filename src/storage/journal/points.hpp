// The payloads of journal records: definitions of series and readings. docs/formats/journal.md
// Pure functions on bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/journal/frame.hpp"
#include "storage/journal/packed.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kPayloadBytesSoft = 32u << 10;  // a payload is full once it is this long

std::string series_payload(const SeriesInfo& series);
// A tombstone: earlier readings of the series (ascending) in the range are gone.
std::string removal_payload(const std::vector<SeriesId>& series, TimeRange range);

// Gathers readings into payloads of at most kPayloadBytesSoft plus one reading.
class PointsPayload {
  public:
    void add(SeriesId series, Nanoseconds time, const Value& value);
    bool empty() const { return bytes_.empty(); }
    bool full() const { return bytes_.size() >= kPayloadBytesSoft; }
    std::string_view bytes() const { return bytes_; }
    void clear();

  private:
    std::string bytes_;
    PackedMemory memory_;
};

class PayloadVisitor {
  public:
    virtual ~PayloadVisitor() = default;
    virtual Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) = 0;
    virtual Result<> point(SeriesId series, Nanoseconds time, const Value& value) = 0;  // a text is borrowed
    virtual Result<> removal(const std::vector<SeriesId>& series, TimeRange range) = 0;
};

// Errors: corrupt, for bytes that no version wrote; invalid, for a kind of record of a newer version; and the visitor's
// own.
Result<> read_payload(std::string_view payload, PayloadVisitor& visitor);

// The same records in fewer bytes, in the same order: readings that stand in several payloads come together, all else
// stays as it is. `out` gets each payload. Errors: corrupt, and then `out` did not get all.
Result<> merge_payloads(const std::vector<std::string_view>& payloads,
                        const std::function<void(std::string_view)>& out);

}  // namespace pomiar::storage
