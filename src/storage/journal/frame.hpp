// One record in a journal segment: length, checksum, payload. The format is described in docs/formats/journal.md.
// Pure functions on bytes; the segment's file is somebody else's business.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kFrameHeaderBytes = 8;  // u32 length, u32 CRC-32C
inline constexpr std::size_t kFrameAlignment = 8;    // frames start at multiples of it
inline constexpr std::size_t kPayloadBytesMax = 100u << 10;

inline constexpr std::size_t kSegmentHeaderBytes = 32;
inline constexpr std::uint64_t kSegmentBytes = 256u << 10;

// Where a record stands in the history of the journal: segment sequence << 32 | offset in the segment. Only ever grows.
using Position = std::uint64_t;

constexpr Position position(std::uint64_t sequence, std::uint64_t offset) {
    return sequence << 32 | offset;
}
constexpr std::uint64_t sequence_of(Position p) {
    return p >> 32;
}

// Bytes that a payload takes in a segment, padding included.
constexpr std::size_t frame_bytes(std::size_t payload_bytes) {
    return (kFrameHeaderBytes + payload_bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

// Bytes of a filler from there to the end of the sector, or of the next one where it does not fit. After a sync the
// next frame starts in a new sector, behind a filler: one that is being written when the power goes may come back as
// garbage, and must hold nothing that was promised.
constexpr std::size_t filler_bytes(std::uint64_t offset) {
    const std::size_t left = kSectorBytes - offset % kSectorBytes;
    return left > kFrameHeaderBytes ? left : left + kSectorBytes;
}

// Appends the frame of a payload that will stand at `at`. The checksum covers the position, so that neither a frame of
// the segment's earlier life nor one that landed elsewhere is ever taken for a record.
void append_frame(std::string& out, Position at, std::string_view payload);

// A frame of that many bytes, more than kFrameHeaderBytes, that holds nothing. It shows that the frame before it was
// there: of that one, damage can be told from what was never whole.
void append_filler(std::string& out, Position at, std::size_t bytes);

// The payload of the frame at `offset` of `bytes`, where one is intact that was written for `at`.
std::optional<std::string_view> payload_at(std::string_view bytes, std::size_t offset, Position at);

// The header of a segment.
std::string segment_header(std::uint64_t sequence);
// The sequence, or 0 where the bytes are no intact header.
std::uint64_t parse_segment_header(std::string_view bytes);

struct DamagedSpan {
    std::size_t offset;
    std::size_t size;
};

struct SegmentContents {
    std::size_t end = kSegmentHeaderBytes;  // where the next frame would go
    bool closed = false;                    // the segment ends with an end mark
    std::vector<DamagedSpan> damaged;
};

// Shows each intact payload in order. Bytes between two intact frames are damage; what follows the last intact frame is
// the torn tail or the segment's earlier life, and is not.
SegmentContents read_segment(std::string_view bytes, std::uint64_t sequence,
                             const std::function<void(Position, std::string_view)>& record);

// Finds the sequence of a segment whose header is damaged: the one of `candidates` under which a frame is intact. 0:
// none.
std::uint64_t guess_sequence(std::string_view bytes, const std::vector<std::uint64_t>& candidates);

// The first byte of a filler's payload.
inline constexpr char kFiller = '\x05';

// The payload that closes a segment.
inline constexpr std::string_view kEndMark = "\x03";

}  // namespace pomiar::storage
