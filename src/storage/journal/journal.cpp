#include "storage/journal/journal.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/bug.hpp"
#include "base/log.hpp"

namespace pomiar::storage {
namespace {

constexpr std::string_view kNewSuffix = ".new";

std::unexpected<Error> broken() {
    return failure(ErrorKind::unavailable,
                   "the journal failed to sync and takes no more readings until they are in blocks");
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
    auto found = find_segments(directory, files, released);
    if (!found) return failure(std::move(found));
    JournalReport report;
    for (const FoundSegment& segment : *found) {
        if (segment.sequence == 0 || segment.may_hold_records(released)) read_found(segment, released, record, report);
    }
    return report;
}

// What an earlier process has begun is only read from here on: whatever a crash left behind its last record, nothing
// new will ever stand before or between it.
Result<> Journal::load(Position released, const Record& record, JournalReport& report) {
    auto found = find_segments(options_.directory, *files_, released);
    if (!found) return failure(std::move(found));
    next_sequence_ = sequence_of(released);
    for (const FoundSegment& segment : *found) {
        next_name_ = std::max(next_name_, segment_number(segment.name) + 1);
        next_sequence_ = std::max(next_sequence_, segment.sequence);
        const bool needed = segment.may_hold_records(released);
        if (needed || segment.sequence == 0) {
            const auto contents = read_found(segment, released, record, report);
            for (const DamagedSpan& span : contents.damaged) keep_damage(segment, span);
        }
        adopt(segment, needed);
    }
    next_sequence_ += next_sequence_ == 0 ? 1 : kSequencesLeftOut;
    offset_ = kSegmentBytes;
    return {};
}

// A card on which even this fails must not keep the program from starting.
void Journal::keep_damage(const FoundSegment& segment, DamagedSpan span) {
    const std::string aside =
        fmt::format("{}/journal-{}-{}", options_.damaged_directory,
                    segment.sequence != 0 ? std::to_string(segment.sequence) : segment.name, span.offset);
    auto kept = files_->make_directories(options_.damaged_directory);
    if (kept) kept = write_whole(*files_, aside, std::string_view(segment.bytes).substr(span.offset, span.size));
    if (!kept) log::error("damaged journal bytes could not be kept: {}", kept.error().message);
}

// What is not needed, or has the wrong size, or does not open, is only of use as a free segment, or none.
void Journal::adopt(const FoundSegment& segment, bool needed) {
    auto file = files_->open(options_.directory + "/" + segment.name, OpenMode::write);
    if (!file) {
        log::error("{}: left alone", file.error().message);
        return;
    }
    Segment kept{segment.name, segment.sequence, std::shared_ptr<File>(std::move(*file)), segment.is_reusable(), true};
    if (needed && segment.header_damaged) {
        if (auto mended = kept.file->write_at(0, segment_header(segment.sequence)); !mended) {
            log::error("{}", mended.error().message);
        }
    }
    if (needed) {
        // The last process may have died before its sync.
        unsynced_.push_back(kept.file);
        used_.push_back(std::move(kept));
    } else {
        retire(std::move(kept));
    }
}

// To be used again, or gone where it cannot be.
void Journal::retire(Segment segment) {
    if (segment.reusable) {
        free_.push_back(std::move(segment));
    } else if (auto gone = files_->remove(options_.directory + "/" + segment.name); !gone) {
        log::error("{}", gone.error().message);
    }
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
    auto written = broken_ ? Result<>(pomiar::storage::broken()) : write_group();
    if (!written) abandon_segment();
    group_.clear();
    group_sizes_.clear();
    return written;
}

// Frames of a failed group may stand in it: what comes later must come after them.
void Journal::abandon_segment() {
    if (offset_ == kSegmentBytes) return;
    offset_ = kSegmentBytes;
    ++next_sequence_;  // the next does not go on from this one, which has no end mark
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
    if (unsynced_.empty() || unsynced_.back() != file) unsynced_.push_back(file);
    if (auto r = file->write_at(offset, frames); !r) return r;
    bytes_written_ += frames.size();
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
    if (auto r = choose_sequence(segment); !r) return r;
    if (auto r = segment.file->write_at(0, segment_header(next_sequence_)); !r) return r;
    unsynced_.push_back(segment.file);
    segment.sequence = next_sequence_++;
    used_.push_back(std::move(segment));
    free_.pop_back();
    offset_ = kSegmentHeaderBytes;
    return {};
}

// A power cut may have taken a header and left frames behind it, of a sequence that nobody knows of any more: in a
// segment's file no frame may be intact under the sequence that it gets.
Result<> Journal::choose_sequence(Segment& segment) {
    if (!segment.inherited) return {};
    std::string bytes(kSegmentBytes, '\0');
    if (auto count = segment.file->read_at(0, bytes.data(), bytes.size()); !count) return failure(std::move(count));
    while (guess_sequence(bytes, {next_sequence_}) != 0) ++next_sequence_;
    segment.inherited = false;
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

// What comes after a sync must not share a sector with what it made durable.
Result<> Journal::fill_sector() {
    if (used_.empty() || offset_ == kSegmentBytes || unsynced_.back() != used_.back().file) return {};
    const std::size_t bytes = filler_bytes(offset_);
    std::string filler;
    if (offset_ + bytes <= kSegmentBytes) {
        append_filler(filler, end_position(), bytes);
        if (auto r = used_.back().file->write_at(offset_, filler); !r) return r;
    }
    offset_ = std::min(offset_ + bytes, kSegmentBytes);
    return {};
}

Result<> Journal::sync() {
    std::vector<std::shared_ptr<File>> files;
    {
        const std::lock_guard lock(*mutex_);
        if (broken_) return pomiar::storage::broken();
        if (unsynced_.empty()) return {};
        if (auto r = fill_sector(); !r) {
            abandon_segment();
            return r;
        }
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

bool Journal::broken() const {
    const std::lock_guard lock(*mutex_);
    return broken_;
}

void Journal::release(Position end) {
    const std::lock_guard lock(*mutex_);
    if (broken_ && end == end_position()) begin_anew();
    while (!used_.empty() && position(used_.front().sequence, kSegmentBytes) <= end) {
        retire(std::move(used_.front()));
        used_.erase(used_.begin());
    }
}

// Files whose sync failed are never trusted again; all that was in them is in blocks now.
void Journal::begin_anew() {
    abandon_segment();
    for (Segment& segment : used_) {
        segment.reusable = false;
        retire(std::move(segment));
    }
    used_.clear();
    unsynced_.clear();
    broken_ = false;
}

}  // namespace pomiar::storage
