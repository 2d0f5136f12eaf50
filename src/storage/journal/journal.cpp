#include "storage/journal/journal.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/bug.hpp"
#include "base/log.hpp"
#include "storage/journal/points.hpp"

namespace pomiar::storage {
namespace {

constexpr std::string_view kNewSuffix = ".new";
constexpr std::uint64_t kPageBytes = 4096;  // the least that a file system writes

std::unexpected<Error> broken() {
    return failure(ErrorKind::unavailable,
                   "the journal failed to sync and takes no more readings until they are in blocks");
}

// Shows the records of segments, and those of the spool in their place: it was begun at `base`, so what stands there or
// later came after them, or is what was moved.
class InOrder {
  public:
    InOrder(const Spooled& waiting, const Journal::Record& record, JournalReport& report)
        : waiting_(waiting), record_(record), report_(report) {}

    Journal::Record record() {
        return [this](Position at, std::string_view payload) {
            if (at >= waiting_.base) finish();
            record_(at, payload);
        };
    }
    void finish() {
        if (std::exchange(shown_, true)) return;
        for (const std::string& payload : waiting_.payloads) {
            ++report_.records;
            record_(waiting_.base, payload);
        }
    }

  private:
    const Spooled& waiting_;
    const Journal::Record& record_;
    JournalReport& report_;
    bool shown_ = false;
};

}  // namespace

Result<Journal> Journal::open(Options options, FileSystem& files, Position released, const Record& record,
                              JournalReport& report) {
    if (auto made = files.make_directories(options.directory); !made) return failure(std::move(made));
    Journal journal(std::move(options), files);
    if (!journal.options_.spool.empty()) journal.open_spool(released);
    Spooled waiting;
    if (journal.spool_) waiting = journal.spool_->content();
    InOrder in_order(waiting, record, report);
    if (auto loaded = journal.load(released, in_order.record(), report); !loaded) return failure(std::move(loaded));
    in_order.finish();
    return journal;
}

Result<JournalReport> Journal::inspect(const std::string& directory, const std::string& spool, FileSystem& files,
                                       Position released, const Record& record) {
    // First the spool: what leaves it meanwhile is found in a segment.
    const Spooled waiting = spool.empty() ? Spooled() : Spool::inspect(spool, files, released);
    auto found = find_segments(directory, files, released);
    if (!found) return failure(std::move(found));
    JournalReport report;
    InOrder in_order(waiting, record, report);
    for (const FoundSegment& segment : *found) {
        if (segment.sequence == 0 || segment.may_hold_records(released))
            read_found(segment, released, in_order.record(), report);
    }
    in_order.finish();
    return report;
}

// What an earlier process has begun is only read from here on: whatever a crash left behind its last record, nothing
// new will ever stand before or between it.
Result<> Journal::load(Position released, const Record& record, JournalReport& report) {
    auto found = find_segments(options_.directory, *files_, released);
    if (!found) return failure(std::move(found));
    next_sequence_ = sequence_of(released);
    released_ = released;
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
    if (!used_.empty()) records_end_ = end_position();
    return {};
}

// Memory that fails must not keep the program from starting: without a spool it only writes more often.
void Journal::open_spool(Position released) {
    auto spool = Spool::open(options_.spool, *files_, released);
    if (spool) {
        spool_.emplace(std::move(*spool));
    } else {
        log::warning("readings go to the card as they come: {}", spool.error().message);
    }
}

// What it held is in a segment.
void Journal::lose_spool(const Error& why) {
    log::error("readings go to the card as they come from now on: {}", why.message);
    if (auto gone = files_->remove(options_.spool); !gone) log::error("{}", gone.error().message);
    spool_.reset();
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
    const std::lock_guard at_the_card(*card_);
    return commit_group();
}

Result<> Journal::commit(const std::unique_lock<std::mutex>& held) {
    require(held.owns_lock() && held.mutex() == card_.get(), "the card is not held");
    return commit_group();
}

std::unique_lock<std::mutex> Journal::hold_card(std::uint64_t bytes) const {
    std::unique_lock at_the_card(*card_, std::try_to_lock);
    if (!at_the_card.owns_lock()) return {};
    const std::lock_guard lock(*mutex_);
    const bool spools = !broken_ && spool_ && options_.spools && spool_->has_room(bytes);
    if (!spools) return {};
    return at_the_card;
}

Result<> Journal::commit_group() {
    const std::lock_guard lock(*mutex_);
    auto written = broken_ ? Result<>(pomiar::storage::broken()) : write_group();
    group_.clear();
    group_sizes_.clear();
    return written;
}

std::vector<std::string_view> Journal::group() const {
    std::vector<std::string_view> payloads;
    std::string_view rest = group_;
    for (const std::size_t size : group_sizes_) {
        payloads.push_back(rest.substr(0, size));
        rest.remove_prefix(size);
    }
    return payloads;
}

// A group of some size is worth a write of its own.
Result<> Journal::write_group() {
    if (group_sizes_.empty()) return {};
    const auto payloads = group();
    std::uint64_t bytes = 0;
    for (const std::size_t size : group_sizes_) bytes += frame_bytes(size);
    std::optional<Error> spool_failed;
    if (spool_ && options_.spools && spool_->has_room(bytes)) {
        auto kept = spool_->append(payloads, end_position());
        if (kept) return {};
        spool_failed = kept.error();
    }
    if (auto r = empty_spool(); !r) return r;
    if (spool_failed && spool_) lose_spool(*spool_failed);
    return write_payloads(payloads, options_.syncs_each_commit ? Before::sync : Before::more);
}

Result<> Journal::settle() {
    const std::lock_guard at_the_card(*card_);
    const std::lock_guard lock(*mutex_);
    return broken_ ? Result<>(pomiar::storage::broken()) : empty_spool();
}

Result<> Journal::empty_spool() {
    if (!spool_ || spool_->empty()) return {};
    const auto& waiting = spool_->content().payloads;
    const std::vector<std::string_view> payloads(waiting.begin(), waiting.end());
    std::vector<std::string> merged;
    if (!merge_payloads(payloads, [&](std::string_view payload) { merged.emplace_back(payload); })) {
        merged.assign(payloads.begin(), payloads.end());
    }
    if (auto r = write_payloads({merged.begin(), merged.end()}, Before::sync); !r) {
        broken_ = true;  // nothing may come before what waits
        return r;
    }
    if (auto cleared = spool_->clear(); !cleared) lose_spool(cleared.error());
    return {};
}

// Frames of a failed group may stand in it: what comes later must come after them.
void Journal::abandon_segment() {
    if (offset_ == kSegmentBytes) return;
    offset_ = kSegmentBytes;
    ++next_sequence_;  // the next does not go on from this one, which has no end mark
}

Result<> Journal::write_payloads(const std::vector<std::string_view>& payloads, Before before) {
    auto written = write_in_segments(payloads, before);
    if (!written) abandon_segment();
    records_end_ = end_position();  // of a failed group some may stand there
    return written;
}

// Where a sync follows, the sectors of the last frames are written as they will stay: no page around them need be.
Result<> Journal::write_in_segments(const std::vector<std::string_view>& payloads, Before before) {
    std::string frames;
    std::uint64_t frames_offset = offset_;
    filled_ = false;
    for (const std::string_view payload : payloads) {
        if (used_.empty() || offset_ + frame_bytes(payload.size()) > kSegmentBytes) {
            if (auto r = write_frames(frames_offset, frames); !r) return r;
            if (auto r = close_segment(); !r) return r;
            if (auto r = start_segment(); !r) return r;
            frames = segment_header(used_.back().sequence);
            frames_offset = 0;
        }
        append_frame(frames, position(used_.back().sequence, offset_), payload);
        offset_ += frame_bytes(payload.size());
    }
    if (before == Before::sync) {
        frames += filler(filler_bytes(offset_));
        filled_ = true;
    }
    return write_frames(frames_offset, frames);
}

Result<> Journal::write_frames(std::uint64_t offset, std::string_view frames) {
    if (frames.empty()) return {};
    const auto& file = used_.back().file;
    if (unsynced_.empty() || unsynced_.back() != file) unsynced_.push_back(file);
    const bool whole_sectors = offset % kSectorBytes == 0 && frames.size() % kSectorBytes == 0;
    auto written = whole_sectors ? file->write_sectors(offset, frames) : file->write_at(offset, frames);
    if (!written) return written;
    bytes_written_ += frames.size();
    since_sync_ += frames.size();
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

// What comes after a sync must not share a sector with what it made durable. Nor should it fall onto two pages where
// one will do: what comes next is probably as much as this time.
Result<> Journal::fill_sector() {
    const std::uint64_t expected = std::exchange(since_sync_, 0);
    if (filled_ || used_.empty() || offset_ == kSegmentBytes || unsynced_.back() != used_.back().file) return {};
    std::uint64_t bytes = filler_bytes(offset_);
    const std::uint64_t left = kPageBytes - (offset_ + bytes) % kPageBytes;
    if (left < expected && expected <= kPageBytes) bytes += left;
    const std::uint64_t at = offset_;
    const std::string frame = filler(bytes);
    return frame.empty() ? Result<>() : used_.back().file->write_at(at, frame);
}

// The next frame will come behind it; nothing where it does not fit into the segment.
std::string Journal::filler(std::uint64_t bytes) {
    std::string frame;
    if (offset_ + bytes <= kSegmentBytes) append_filler(frame, end_position(), static_cast<std::size_t>(bytes));
    offset_ = std::min(offset_ + bytes, kSegmentBytes);
    return frame;
}

Result<> Journal::sync() {
    std::vector<std::shared_ptr<File>> files;
    {
        const std::lock_guard at_the_card(*card_);
        const std::lock_guard lock(*mutex_);
        if (broken_) return pomiar::storage::broken();
        if (auto r = empty_spool(); !r) return r;
        if (records_end_ <= released_) unsynced_.clear();  // the database has it all
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
    return broken_ || used_.size() * kSegmentBytes >= options_.bytes_max;
}

bool Journal::has_room(std::uint64_t bytes) const {
    const std::lock_guard lock(*mutex_);
    // A segment's end may stay empty where the next frame does not fit.
    const std::uint64_t waiting = spool_ ? spool_->content().bytes : 0;
    const std::uint64_t segments = 1 + (bytes + waiting) / (kSegmentBytes - kPayloadBytesMax);
    return (used_.size() + segments) * kSegmentBytes <= 2 * options_.bytes_max;
}

bool Journal::dirty() const {
    const std::lock_guard lock(*mutex_);
    return !unsynced_.empty() || (spool_ && !spool_->empty());
}

std::uint64_t Journal::bytes_written() const {
    const std::lock_guard lock(*mutex_);
    return bytes_written_;
}

bool Journal::holds_records() const {
    const std::lock_guard lock(*mutex_);
    return records_end_ > released_ || (spool_ && !spool_->empty());
}

// Only names go: were one of them to come back after a power cut, all in it would be released.
void Journal::clear_away() {
    if (holds_records()) return;
    const std::lock_guard lock(*mutex_);
    for (const auto* segments : {&used_, &free_}) {
        for (const Segment& segment : *segments) {
            if (auto gone = files_->remove(options_.directory + "/" + segment.name); !gone) {
                log::error("{}", gone.error().message);
            }
        }
    }
    if (!spool_) return;
    if (auto gone = files_->remove(options_.spool); !gone) log::error("{}", gone.error().message);
}

bool Journal::broken() const {
    const std::lock_guard lock(*mutex_);
    return broken_;
}

void Journal::release(Position end) {
    const std::lock_guard at_the_card(*card_);
    const std::lock_guard lock(*mutex_);
    released_ = std::max(released_, end);
    if (broken_ && end == end_position()) begin_anew();
    while (!used_.empty() && position(used_.front().sequence, kSegmentBytes) <= end) {
        retire(std::move(used_.front()));
        used_.erase(used_.begin());
    }
}

// Files whose sync failed are never trusted again; all that was in them, and in the spool, is in blocks now.
void Journal::begin_anew() {
    abandon_segment();
    for (Segment& segment : used_) {
        segment.reusable = false;
        retire(std::move(segment));
    }
    used_.clear();
    unsynced_.clear();
    if (spool_) {
        if (auto cleared = spool_->clear(); !cleared) lose_spool(cleared.error());
    }
    broken_ = false;
}

}  // namespace pomiar::storage
