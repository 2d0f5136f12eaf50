// What a crash, or a failing card, left of a journal: its segments, read, told apart and put in order. Changes nothing.
// Errors: io, where the folder itself cannot be listed. A page that cannot be read is damage, not an error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/journal/frame.hpp"

namespace pomiar::storage {

struct JournalReport {
    std::uint64_t records = 0;
    std::uint64_t segments = 0;       // with records
    std::uint64_t damaged_spans = 0;  // set aside
    std::uint64_t damaged_bytes = 0;
    std::vector<std::string> messages;  // one for each span, with file and offset; at most kReportMessagesMax
};
inline constexpr std::size_t kReportMessagesMax = 20;

// At each start as many sequences are left out: more than there can be segments whose header a power cut took.
constexpr std::uint64_t kSequencesLeftOut = 64;

struct FoundSegment {
    std::string name;
    std::uint64_t sequence = 0;  // 0: never used, or nothing in it can be told
    std::string bytes;           // zeros where it could not be read
    std::vector<DamagedSpan> unreadable;
    bool header_damaged = false;
    bool goes_on = false;  // the one after it was begun by the same process: this one was full

    bool is_reusable() const { return bytes.size() == kSegmentBytes && unreadable.empty(); }
    bool may_hold_records(Position released) const {
        return sequence != 0 && position(sequence, kSegmentBytes) > released;
    }
};

// 0 where the name is not a segment's.
std::uint64_t segment_number(std::string_view name);
std::string segment_name(std::uint64_t number);

// In order of sequence; those without one last.
Result<std::vector<FoundSegment>> find_segments(const std::string& directory, FileSystem& files, Position released);

// Shows the records from `released` on, and tells the report of all that is damaged. `damaged` of what it gives has the
// spans worth keeping.
SegmentContents read_found(const FoundSegment& segment, Position released,
                           const std::function<void(Position, std::string_view)>& record, JournalReport& report);

}  // namespace pomiar::storage
