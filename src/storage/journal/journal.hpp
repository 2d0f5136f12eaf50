// Keeps every accepted batch until it is safely in blocks.
// Owns:    its folder of preallocated segments, and its spool. Borrows the FileSystem.
// Thread:  append, commit and wants_sealing from one at a time (the writer); sync, release and the rest from any, also
//          meanwhile. A sync holds nobody up: it waits for the device without the lock.
// Errors:  full, io. Of a failed commit nothing is promised: parts of it may come back at the next open, before all
// that
//          was committed later. After a failed sync the journal is broken, as Linux may have dropped the pages: it
//          takes nothing more until everything in it has been released, then goes on in new files.
// Promise: after commit() the records survive the death of the process; after sync() a power cut. Damage costs the
//          damaged records and never keeps it from opening.
// docs/formats/journal.md
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/journal/found_segments.hpp"
#include "storage/journal/frame.hpp"
#include "storage/journal/spool.hpp"

namespace pomiar::storage {

class Journal {
  public:
    struct Options {
        std::string directory;
        std::string damaged_directory;       // where damaged bytes are kept
        std::uint64_t bytes_max = 2u << 20;  // past it wants_sealing(); it may grow to twice that while sealing fails
        std::string spool = {};              // path of a file in memory; empty: none
        bool spools = true;                  // false: the spool is only read and emptied
        bool syncs_each_commit = false;      // sync() will follow each commit()
    };
    using Record = std::function<void(Position, std::string_view)>;

    // Shows every record at or after `released`, oldest first, then goes on after the last.
    static Result<Journal> open(Options options, FileSystem& files, Position released, const Record& record,
                                JournalReport& report);

    // Shows the same records without changing anything, also beside a running writer. `spool` may be empty.
    static Result<JournalReport> inspect(const std::string& directory, const std::string& spool, FileSystem& files,
                                         Position released, const Record& record);

    // Adds to the group that commit() writes. At most kPayloadBytesMax.
    void append(std::string_view payload);
    Result<> commit();
    // For who must not wait for the card: while this is held nobody else is at it, and commit(held) of at most so many
    // bytes goes to the spool. Nothing is held where somebody is at the card, or the spool cannot take them. Should the
    // spool fail, this one commit goes to the card, and no other is let in by this way.
    std::unique_lock<std::mutex> hold_card(std::uint64_t bytes) const;
    Result<> commit(const std::unique_lock<std::mutex>& held);
    Result<> sync();
    // What waits in the spool into a segment, so that end() is behind it. After an error it still waits, and the
    // journal is broken as after a failed sync.
    Result<> settle();

    // Everything before `end` is in blocks on the device: its segments are free again.
    void release(Position end);

    // Whether there is anything that release() was not told of.
    bool holds_records() const;
    // For a clean stop: no file is left, if nothing is in them. Nothing may be called after it.
    void clear_away();

    Position end() const;
    bool wants_sealing() const;
    // Whether a group of that many bytes, frames and all, will find a place.
    bool has_room(std::uint64_t bytes) const;
    bool dirty() const;
    bool broken() const;
    std::uint64_t bytes_written() const;  // to segments

  private:
    struct Segment {
        std::string name;
        std::uint64_t sequence = 0;
        std::shared_ptr<File> file;
        bool reusable = true;
        bool inherited = false;  // an earlier process wrote to it last
    };

    Journal(Options options, FileSystem& files)
        : options_(std::move(options)),
          files_(&files),
          card_(std::make_unique<std::mutex>()),
          mutex_(std::make_unique<std::mutex>()) {}

    Result<> load(Position released, const Record& record, JournalReport& report);
    void keep_damage(const FoundSegment& segment, DamagedSpan span);
    void adopt(const FoundSegment& segment, bool needed);
    void retire(Segment segment);
    void abandon_segment();
    void begin_anew();
    Position end_position() const;
    void open_spool(Position released);
    void lose_spool(const Error& why);
    std::vector<std::string_view> group() const;
    Result<> commit_group();
    Result<> write_group();
    Result<> empty_spool();
    enum class Before { more, sync };  // what comes after the payloads
    Result<> write_payloads(const std::vector<std::string_view>& payloads, Before before);
    Result<> write_in_segments(const std::vector<std::string_view>& payloads, Before before);
    Result<> write_frames(std::uint64_t offset, std::string_view frames);
    Result<> close_segment();
    std::string filler(std::uint64_t bytes);
    Result<> fill_sector();
    Result<> start_segment();
    Result<> choose_sequence(Segment& segment);
    Result<Segment> create_segment();

    Options options_;
    FileSystem* files_;
    std::string group_;  // payloads that wait for commit(), end to end
    std::vector<std::size_t> group_sizes_;

    std::unique_ptr<std::mutex> card_;   // held by who writes to the card with the lock below, and locked before it
    std::unique_ptr<std::mutex> mutex_;  // guards what follows
    std::optional<Spool> spool_;
    std::uint64_t bytes_written_ = 0;
    std::uint64_t since_sync_ = 0;  // bytes written since the last one
    bool filled_ = false;           // the last record has its filler
    Position records_end_ = 0;      // behind the last record
    Position released_ = 0;
    std::vector<Segment> used_;  // oldest first; the last one is appended to
    std::vector<Segment> free_;
    std::vector<std::shared_ptr<File>> unsynced_;
    std::uint64_t offset_ = 0;  // in the last used segment
    std::uint64_t next_sequence_ = 1;
    std::uint64_t next_name_ = 1;
    bool broken_ = false;
};

}  // namespace pomiar::storage
