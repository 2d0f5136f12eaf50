// The payloads of journal records: definitions of series and readings. docs/formats/journal.md
// Pure functions on bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
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

// Readings that wait (waiting.hpp) leave it again: untimed ones of that run of the machine, which was started at
// `booted`; those ahead, up to and with a time.
std::string timed_payload(std::string_view boot, Nanoseconds booted);
std::string come_payload(Nanoseconds until);

// Gathers readings into payloads of at most kPayloadBytesSoft plus one reading.
class PointsPayload {
  public:
    PointsPayload();                                      // of readings at their times
    static PointsPayload untimed(std::string_view boot);  // whose times are since that start of the machine
    static PointsPayload ahead();                         // that wait for their time to come

    void add(SeriesId series, Nanoseconds time, const Value& value);
    bool empty() const { return bytes_.empty(); }
    bool full() const { return bytes_.size() >= kPayloadBytesSoft; }
    std::string_view bytes() const { return bytes_; }
    void clear();

  private:
    explicit PointsPayload(std::string opening) : opening_(std::move(opening)) {}

    std::string opening_;  // what stands before the first reading
    std::string bytes_;
    PackedMemory memory_;
};

class PayloadVisitor {
  public:
    virtual ~PayloadVisitor() = default;
    virtual Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) = 0;
    virtual Result<> point(SeriesId series, Nanoseconds time, const Value& value) = 0;  // a text is borrowed
    virtual Result<> removal(const std::vector<SeriesId>& series, TimeRange range) = 0;
    // Readings that wait, and what they waited for.
    virtual Result<> untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value) = 0;
    virtual Result<> ahead(SeriesId series, Nanoseconds time, const Value& value) = 0;
    virtual Result<> timed(std::string_view boot, Nanoseconds booted) = 0;
    virtual Result<> come(Nanoseconds until) = 0;
};

// For who looks at readings with a time alone; all else is passed over.
class PointsVisitor : public PayloadVisitor {
  public:
    Result<> series(SeriesId, std::string_view, std::string_view, SeriesType) override { return {}; }
    Result<> removal(const std::vector<SeriesId>&, TimeRange) override { return {}; }
    Result<> untimed(std::string_view, SeriesId, Nanoseconds, const Value&) override { return {}; }
    Result<> ahead(SeriesId, Nanoseconds, const Value&) override { return {}; }
    Result<> timed(std::string_view, Nanoseconds) override { return {}; }
    Result<> come(Nanoseconds) override { return {}; }
};

// Errors: corrupt, for bytes that no version wrote; invalid, for a kind of record of a newer version; and the visitor's
// own.
Result<> read_payload(std::string_view payload, PayloadVisitor& visitor);

// The same records in fewer bytes, in the same order: readings that stand in several payloads come together, all else
// stays as it is. `out` gets each payload. Errors: corrupt, and then `out` did not get all.
Result<> merge_payloads(const std::vector<std::string_view>& payloads,
                        const std::function<void(std::string_view)>& out);

}  // namespace pomiar::storage
