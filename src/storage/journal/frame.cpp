#include "storage/journal/frame.hpp"

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint32_t kMagic = 0x4a524d50;  // "PMRJ"
constexpr std::uint32_t kVersion = 1;

std::uint32_t checksum(Position at, std::string_view payload) {
    char seed[12];
    store<std::uint64_t>(seed, at);
    store<std::uint32_t>(seed + 8, static_cast<std::uint32_t>(payload.size()));
    return crc32c(payload, crc32c({seed, sizeof seed}));
}

// The length that a frame at `offset` would have, where it can be one.
std::optional<std::size_t> payload_bytes_at(std::string_view bytes, std::size_t offset) {
    if (offset + kFrameHeaderBytes > bytes.size()) return std::nullopt;
    const auto length = load<std::uint32_t>(bytes.data() + offset);
    if (length == 0 || length > kPayloadBytesMax || length > bytes.size() - offset - kFrameHeaderBytes)
        return std::nullopt;
    return length;
}

std::optional<std::string_view> frame_at(std::string_view bytes, std::uint64_t sequence, std::size_t offset) {
    return payload_at(bytes, offset, position(sequence, offset));
}

std::optional<std::size_t> next_intact(std::string_view bytes, std::uint64_t sequence, std::size_t after) {
    for (std::size_t offset = after + kFrameAlignment; offset + kFrameHeaderBytes <= bytes.size();
         offset += kFrameAlignment) {
        if (frame_at(bytes, sequence, offset)) return offset;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> payload_at(std::string_view bytes, std::size_t offset, Position at) {
    const auto length = payload_bytes_at(bytes, offset);
    if (!length) return std::nullopt;
    const std::string_view payload = bytes.substr(offset + kFrameHeaderBytes, *length);
    if (load<std::uint32_t>(bytes.data() + offset + 4) != checksum(at, payload)) return std::nullopt;
    return payload;
}

void append_frame(std::string& out, Position at, std::string_view payload) {
    ByteWriter writer(out);
    writer.fixed(static_cast<std::uint32_t>(payload.size()));
    writer.fixed(checksum(at, payload));
    writer.bytes(payload);
    out.append(frame_bytes(payload.size()) - kFrameHeaderBytes - payload.size(), '\0');
}

void append_filler(std::string& out, Position at, std::size_t bytes) {
    std::string payload(bytes - kFrameHeaderBytes, '\0');
    payload.front() = kFiller;
    append_frame(out, at, payload);
}

std::string segment_header(std::uint64_t sequence) {
    std::string out;
    ByteWriter writer(out);
    writer.fixed(kMagic);
    writer.fixed(kVersion);
    writer.fixed(sequence);
    writer.fixed(crc32c(out));
    out.resize(kSegmentHeaderBytes, '\0');
    return out;
}

std::uint64_t parse_segment_header(std::string_view bytes) {
    ByteReader reader(bytes.substr(0, kSegmentHeaderBytes));
    const auto magic = reader.fixed<std::uint32_t>();
    const auto version = reader.fixed<std::uint32_t>();
    const auto sequence = reader.fixed<std::uint64_t>();
    const auto crc = reader.fixed<std::uint32_t>();
    if (!reader.ok() || magic != kMagic || version != kVersion || crc != crc32c(bytes.substr(0, 16))) return 0;
    return sequence;
}

SegmentContents read_segment(std::string_view bytes, std::uint64_t sequence,
                             const std::function<void(Position, std::string_view)>& record) {
    SegmentContents contents;
    while (!contents.closed) {
        auto payload = frame_at(bytes, sequence, contents.end);
        if (!payload) {
            const auto intact = next_intact(bytes, sequence, contents.end);
            if (!intact) break;
            contents.damaged.push_back({contents.end, *intact - contents.end});
            contents.end = *intact;
            payload = frame_at(bytes, sequence, contents.end);
        }
        contents.closed = *payload == kEndMark;
        if (!contents.closed && payload->front() != kFiller) record(position(sequence, contents.end), *payload);
        contents.end += frame_bytes(payload->size());
    }
    return contents;
}

std::uint64_t guess_sequence(std::string_view bytes, const std::vector<std::uint64_t>& candidates) {
    for (std::size_t offset = kSegmentHeaderBytes; offset + kFrameHeaderBytes <= bytes.size();
         offset += kFrameAlignment) {
        if (!payload_bytes_at(bytes, offset)) continue;
        for (std::uint64_t sequence : candidates) {
            if (frame_at(bytes, sequence, offset)) return sequence;
        }
    }
    return 0;
}

}  // namespace pomiar::storage
