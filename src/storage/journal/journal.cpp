#include "storage/journal/journal.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/bug.hpp"

namespace pomiar::storage {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kNewSuffix = ".new";

std::string segment_name(std::uint64_t number) {
    return fmt::format("{:08}{}", number, kSuffix);
}

// 0 where the name is not a segment's.
std::uint64_t segment_number(std::string_view name) {
    if (!name.ends_with(kSuffix)) return 0;
    std::uint64_t number = 0;
    for (char c : name.substr(0, name.size() - kSuffix.size())) {
        if (c < '0' || c > '9' || number > 99'999'999) return 0;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

struct Found {
    std::string name;
    std::uint64_t sequence = 0;  // 0: never used, or beyond repair
    bool header_damaged = false;
    std::string bytes;
};

bool blank(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// A damaged header loses its sequence, which is one that the other segments do not have: in a gap between them, or at
// an end.
void repair_sequences(std::vector<Found>& found) {
    std::vector<std::uint64_t> known;
    for (const Found& f : found) {
        if (f.sequence != 0) known.push_back(f.sequence);
    }
    std::sort(known.begin(), known.end());
    const std::uint64_t lowest = known.empty() ? 1 : known.front();
    const std::uint64_t highest = known.empty() ? 64 : known.back();
    std::vector<std::uint64_t> candidates;
    for (std::uint64_t s = lowest > 64 ? lowest - 64 : 1; s <= highest + 64; ++s) {
        if (!std::binary_search(known.begin(), known.end(), s)) candidates.push_back(s);
        if (candidates.size() > 1024) break;
    }
    for (Found& f : found) {
        if (f.sequence != 0 || blank(std::string_view(f.bytes).substr(0, kSegmentHeaderBytes))) continue;
        f.sequence = guess_sequence(f.bytes, candidates);
        f.header_damaged = f.sequence != 0;
    }
}

// All segments of the folder, those with records first in order of sequence. 4 MiB of them at most, as bytes_max is
// small.
Result<std::vector<Found>> find_segments(const std::string& directory, FileSystem& files) {
    auto names = files.list(directory);
    if (!names) return failure(std::move(names));
    std::vector<Found> found;
    for (const std::string& name : *names) {
        if (segment_number(name) == 0) continue;
        auto bytes = read_whole(files, directory + "/" + name, kSegmentBytes);
        if (!bytes) return failure(std::move(bytes));
        found.push_back({name, parse_segment_header(*bytes), false, std::move(*bytes)});
    }
    repair_sequences(found);
    std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        return (a.sequence == 0 ? ~0ull : a.sequence) < (b.sequence == 0 ? ~0ull : b.sequence);
    });
    return found;
}

void note(JournalReport& report, const Found& segment, std::size_t offset, std::size_t size, std::string_view what) {
    ++report.damaged_spans;
    report.damaged_bytes += size;
    if (report.messages.size() < kReportMessagesMax) {
        report.messages.push_back(
            fmt::format("journal segment {}, byte {}: {} ({} bytes)", segment.name, offset, what, size));
    }
}

SegmentContents read_found(const Found& segment, Position released, const Journal::Record& record,
                           JournalReport& report) {
    if (segment.header_damaged) note(report, segment, 0, kSegmentHeaderBytes, "damaged header");
    auto contents = read_segment(segment.bytes, segment.sequence, [&](Position at, std::string_view payload) {
        if (at < released) return;
        ++report.records;
        record(at, payload);
    });
    for (const DamagedSpan& span : contents.damaged) note(report, segment, span.offset, span.size, "damaged records");
    if (contents.end > kSegmentHeaderBytes) ++report.segments;
    return contents;
}

}  // namespace

Result<Journal> Journal::open(Options options, FileSystem& files, Position released, const Record& record,
                              JournalReport& report) {
    if (auto made = files.make_directories(options.directory); !made) return failure(std::move(made));
    Journal journal(std::move(options), files);
    if (auto loaded = journal.load(released, record, report); !loaded) return failure(std::move(loaded));
    return journal;
}

Result<JournalReport> Journal::inspect(const std::string& directory, FileSystem& files, Position released,
                                       const Record& record) {
    auto found = find_segments(directory, files);
    if (!found) return failure(std::move(found));
    JournalReport report;
    for (const Found& segment : *found) {
        if (segment.sequence != 0 && segment.sequence >= sequence_of(released))
            read_found(segment, released, record, report);
    }
    return report;
}

Result<> Journal::load(Position released, const Record& record, JournalReport& report) {
    auto found = find_segments(options_.directory, *files_);
    if (!found) return failure(std::move(found));
    next_sequence_ = std::max<std::uint64_t>(1, sequence_of(released) + 1);
    for (Found& segment : *found) {
        const std::string path = options_.directory + "/" + segment.name;
        auto file = files_->open(path, OpenMode::write);
        if (!file) return failure(std::move(file));
        next_name_ = std::max(next_name_, segment_number(segment.name) + 1);
        next_sequence_ = std::max(next_sequence_, segment.sequence + 1);
        Segment kept{segment.name, segment.sequence, std::shared_ptr<File>(std::move(*file))};
        if (segment.sequence == 0 || segment.sequence < sequence_of(released) ||
            segment.bytes.size() != kSegmentBytes) {
            if (segment.bytes.size() == kSegmentBytes) {
                free_.push_back(std::move(kept));
            } else if (auto gone = files_->remove(path); !gone) {  // cut off while it was made
                return gone;
            }
            continue;
        }
        const auto contents = read_found(segment, released, record, report);
        for (const DamagedSpan& span : contents.damaged) {
            if (auto r = files_->make_directories(options_.damaged_directory); !r) return r;
            const std::string aside =
                fmt::format("{}/journal-{}-{}", options_.damaged_directory, segment.sequence, span.offset);
            if (auto r = write_whole(*files_, aside, std::string_view(segment.bytes).substr(span.offset, span.size));
                !r)
                return r;
        }
        offset_ = contents.closed ? kSegmentBytes : contents.end;
        if (segment.header_damaged) {
            if (auto r = kept.file->write_at(0, segment_header(segment.sequence)); !r) return r;
        }
        used_.push_back(std::move(kept));
    }
    return {};
}

Position Journal::end() const {
    const std::lock_guard lock(*mutex_);
    return end_position();
}

Position Journal::end_position() const {
    return used_.empty() ? position(next_sequence_, 0) : position(used_.back().sequence, offset_);
}

void Journal::append(std::string_view payload) {
    require(!payload.empty() && payload.size() <= kPayloadBytesMax,
            "a journal payload has 1 to kPayloadBytesMax bytes");
    group_.append(payload);
    group_sizes_.push_back(payload.size());
}

Result<> Journal::commit() {
    const std::lock_guard lock(*mutex_);
    auto written =
        broken_ ? Result<>(failure(ErrorKind::unavailable, "the journal failed to sync and takes no more readings"))
                : write_group();
    group_.clear();
    group_sizes_.clear();
    return written;
}

Result<> Journal::write_group() {
    std::string frames;
    std::uint64_t frames_offset = offset_;
    std::string_view rest = group_;
    for (std::size_t size : group_sizes_) {
        if (used_.empty() || offset_ + frame_bytes(size) > kSegmentBytes) {
            if (auto r = write_frames(frames_offset, frames); !r) return r;
            if (auto r = close_segment(); !r) return r;
            if (auto r = start_segment(); !r) return r;
            frames.clear();
            frames_offset = offset_;
        }
        append_frame(frames, position(used_.back().sequence, offset_), rest.substr(0, size));
        offset_ += frame_bytes(size);
        rest.remove_prefix(size);
    }
    return write_frames(frames_offset, frames);
}

Result<> Journal::write_frames(std::uint64_t offset, std::string_view frames) {
    if (frames.empty()) return {};
    const auto& file = used_.back().file;
    if (auto r = file->write_at(offset, frames); !r) {
        offset_ = offset;
        return r;
    }
    bytes_written_ += frames.size();
    if (unsynced_.empty() || unsynced_.back() != file) unsynced_.push_back(file);
    return {};
}

// The end mark tells a full segment from one that lost its tail.
Result<> Journal::close_segment() {
    if (used_.empty() || offset_ + frame_bytes(kEndMark.size()) > kSegmentBytes) return {};
    std::string frame;
    append_frame(frame, end_position(), kEndMark);
    if (auto r = write_frames(offset_, frame); !r) return r;
    offset_ = kSegmentBytes;
    return {};
}

Result<> Journal::start_segment() {
    if (free_.empty()) {
        if ((used_.size() + 1) * kSegmentBytes > 2 * options_.bytes_max) {
            return failure(ErrorKind::full, "the journal is full: its readings could not be moved into blocks");
        }
        auto created = create_segment();
        if (!created) return failure(std::move(created));
        free_.push_back(std::move(*created));
    }
    Segment& segment = free_.back();
    if (auto r = segment.file->write_at(0, segment_header(next_sequence_)); !r) return r;
    segment.sequence = next_sequence_++;
    used_.push_back(std::move(segment));
    free_.pop_back();
    offset_ = kSegmentHeaderBytes;
    return {};
}

// Zeros are written, not only reserved: the first write into reserved space would change the file system's own tables,
// and a sync would cost their pages too.
Result<Journal::Segment> Journal::create_segment() {
    Segment segment{segment_name(next_name_), 0, nullptr};
    const std::string path = options_.directory + "/" + segment.name;
    const std::string aside = path + std::string(kNewSuffix);
    if (auto gone = files_->remove(aside); !gone && gone.error().kind != ErrorKind::not_found)
        return failure(std::move(gone));
    auto file = files_->open(aside, OpenMode::create);
    if (!file) return failure(std::move(file));
    auto made = (*file)->write_at(0, std::string(kSegmentBytes, '\0'));
    if (made) made = (*file)->sync();
    if (made) made = files_->rename(aside, path);
    if (made) made = files_->sync_directory(options_.directory);
    if (!made) {
        (void)files_->remove(aside);  // the first error is the one to tell
        return failure(std::move(made));
    }
    ++next_name_;
    segment.file = std::shared_ptr<File>(std::move(*file));
    return segment;
}

Result<> Journal::sync() {
    std::vector<std::shared_ptr<File>> files;
    {
        const std::lock_guard lock(*mutex_);
        if (broken_) return failure(ErrorKind::unavailable, "the journal failed to sync and takes no more readings");
        files.swap(unsynced_);
    }
    for (const auto& file : files) {
        if (auto r = file->sync(); !r) {
            const std::lock_guard lock(*mutex_);
            broken_ = true;
            return r;
        }
    }
    return {};
}

bool Journal::wants_sealing() const {
    const std::lock_guard lock(*mutex_);
    return used_.size() * kSegmentBytes >= options_.bytes_max;
}

bool Journal::has_room(std::uint64_t bytes) const {
    const std::lock_guard lock(*mutex_);
    // A segment's end may stay empty where the next frame does not fit.
    const std::uint64_t segments = 1 + bytes / (kSegmentBytes - kPayloadBytesMax);
    return (used_.size() + segments) * kSegmentBytes <= 2 * options_.bytes_max;
}

bool Journal::dirty() const {
    const std::lock_guard lock(*mutex_);
    return !unsynced_.empty();
}

void Journal::release(Position end) {
    const std::lock_guard lock(*mutex_);
    while (used_.size() > 1 && used_.front().sequence < sequence_of(end)) {
        free_.push_back(std::move(used_.front()));
        used_.erase(used_.begin());
    }
}

}  // namespace pomiar::storage
