#include "storage/journal/found_segments.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kReadBytes = 4096;  // what a card reads, or fails to read, at once

bool is_blank(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// Nothing where it is gone, as happens beside a running writer.
std::optional<FoundSegment> read_file(const std::string& path, FileSystem& files) {
    auto file = files.open(path, OpenMode::read);
    if (!file && file.error().kind == ErrorKind::not_found) return std::nullopt;
    FoundSegment found;
    found.bytes.assign(kSegmentBytes, '\0');
    if (!file) {
        found.unreadable.push_back({0, kSegmentBytes});
        return found;
    }
    if (auto count = (*file)->read_at(0, found.bytes.data(), kSegmentBytes)) {
        found.bytes.resize(*count);
        return found;
    }
    for (std::size_t offset = 0; offset < kSegmentBytes; offset += kReadBytes) {
        if ((*file)->read_at(offset, found.bytes.data() + offset, kReadBytes)) continue;
        std::fill_n(found.bytes.begin() + static_cast<std::ptrdiff_t>(offset), kReadBytes, '\0');
        found.unreadable.push_back({offset, kReadBytes});
    }
    return found;
}

// A damaged header loses its sequence, which is one of those that no other segment has; a low one, where the segment
// was free already.
void repair_sequences(std::vector<FoundSegment>& found, Position released) {
    std::vector<std::uint64_t> known{sequence_of(released)};
    for (const FoundSegment& segment : found) {
        if (segment.sequence != 0) known.push_back(segment.sequence);
    }
    const std::uint64_t highest = *std::max_element(known.begin(), known.end()) + 2 * kSequencesLeftOut;
    std::vector<std::uint64_t> candidates;
    const std::uint64_t lowest = *std::min_element(known.begin(), known.end());
    for (std::uint64_t s = std::max<std::uint64_t>(1, lowest); s < highest; ++s) {
        const bool taken = std::any_of(found.begin(), found.end(), [s](const auto& f) { return f.sequence == s; });
        if (!taken) candidates.push_back(s);
    }
    for (FoundSegment& segment : found) {
        if (segment.sequence != 0 || is_blank(segment.bytes)) continue;
        segment.sequence = guess_sequence(segment.bytes, candidates);
        segment.header_damaged =
            !is_blank(std::string_view(segment.bytes).substr(0, kSegmentHeaderBytes)) || segment.sequence != 0;
    }
}

void note(JournalReport& report, const FoundSegment& segment, DamagedSpan span, std::string_view what) {
    ++report.damaged_spans;
    report.damaged_bytes += span.size;
    if (report.messages.size() < kReportMessagesMax) {
        report.messages.push_back(
            fmt::format("journal segment {}, byte {}: {} ({} bytes)", segment.name, span.offset, what, span.size));
    }
}

}  // namespace

std::string segment_name(std::uint64_t number) {
    return fmt::format("{:08}{}", number, kSuffix);
}

std::uint64_t segment_number(std::string_view name) {
    if (!name.ends_with(kSuffix)) return 0;
    std::uint64_t number = 0;
    for (char c : name.substr(0, name.size() - kSuffix.size())) {
        if (c < '0' || c > '9' || number > 99'999'999) return 0;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

Result<std::vector<FoundSegment>> find_segments(const std::string& directory, FileSystem& files, Position released) {
    auto names = files.list(directory);
    if (!names) return failure(std::move(names));
    std::vector<FoundSegment> found;
    for (const std::string& name : *names) {
        if (segment_number(name) == 0) continue;
        auto segment = read_file(fmt::format("{}/{}", directory, name), files);
        if (!segment) continue;
        segment->name = name;
        segment->sequence = parse_segment_header(segment->bytes);
        found.push_back(std::move(*segment));
    }
    repair_sequences(found, released);
    std::stable_sort(found.begin(), found.end(), [](const FoundSegment& a, const FoundSegment& b) {
        return (a.sequence == 0 ? ~0ull : a.sequence) < (b.sequence == 0 ? ~0ull : b.sequence);
    });
    for (std::size_t i = 0; i + 1 < found.size(); ++i) {
        if (found[i].sequence == 0 || found[i + 1].sequence != found[i].sequence + 1) continue;
        // It is closed before the next is begun, but maybe not yet when it was read.
        auto now = read_file(fmt::format("{}/{}", directory, found[i].name), files);
        if (!now || parse_segment_header(now->bytes) != found[i].sequence) continue;
        found[i].bytes = std::move(now->bytes);
        found[i].goes_on = true;
    }
    return found;
}

SegmentContents read_found(const FoundSegment& segment, Position released,
                           const std::function<void(Position, std::string_view)>& record, JournalReport& report) {
    for (const DamagedSpan& span : segment.unreadable) note(report, segment, span, "cannot be read");
    if (segment.sequence == 0) {
        if (!segment.header_damaged) return {};
        const DamagedSpan all{0, segment.bytes.size()};
        note(report, segment, all, "damaged header, and no record that can be told");
        return {.damaged = {all}};
    }
    if (segment.header_damaged) note(report, segment, {0, kSegmentHeaderBytes}, "damaged header");
    if (segment.bytes.size() < kSegmentBytes)
        note(report, segment, {segment.bytes.size(), 0}, "the file is cut off here");
    auto contents = read_segment(segment.bytes, segment.sequence, [&](Position at, std::string_view payload) {
        if (at < released) return;
        ++report.records;
        record(at, payload);
    });
    const bool lost_its_tail =
        segment.goes_on && !contents.closed && contents.end + frame_bytes(kEndMark.size()) <= segment.bytes.size();
    if (lost_its_tail) contents.damaged.push_back({contents.end, segment.bytes.size() - contents.end});
    std::erase_if(contents.damaged, [&](const DamagedSpan& span) {
        return position(segment.sequence, span.offset + span.size) <= released;
    });
    for (const DamagedSpan& span : contents.damaged) note(report, segment, span, "damaged records");
    if (contents.end > kSegmentHeaderBytes) ++report.segments;
    return contents;
}

}  // namespace pomiar::storage
