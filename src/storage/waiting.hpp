// Readings that are kept, but are not in their place in time yet: those without a time that came while nobody knew it,
// and those from too far in the future.
// Owns:   the readings; bytes() is bounded by whoever adds. Thread: none of its own; the store guards it.
// Memory: 24 bytes a reading, and its text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/snapshot.hpp"
#include "storage/value.hpp"

namespace pomiar::storage {

class Waiting {
  public:
    // Gives a reading with its time; a text is borrowed.
    using Take = std::function<void(SeriesId, Nanoseconds, const Value&)>;

    // since_boot: how long the machine had run. boot: which run of it.
    void add_untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value);
    void add_ahead(SeriesId series, Nanoseconds time, const Value& value);

    // Those of that run of the machine get their times: it was started at `booted`.
    void take_untimed(std::string_view boot, Nanoseconds booted, const Take& take);
    // Those up to and with that time.
    void take_ahead(Nanoseconds until, const Take& take);

    // Those of the series (ascending) in the range go for good. True: there were some.
    bool remove_ahead(const std::vector<SeriesId>& series, TimeRange range);

    bool empty() const { return untimed_.empty() && ahead_.rows.empty(); }
    std::uint64_t bytes() const;
    std::uint64_t untimed() const;
    std::uint64_t ahead() const { return ahead_.rows.size(); }
    // The earliest time of those ahead.
    std::optional<Nanoseconds> earliest_ahead() const { return earliest_ahead_; }

    struct Run {
        std::string boot;
        Nanoseconds newest;  // since boot
    };
    // The runs of the machine that untimed readings are of, oldest first.
    std::vector<Run> runs() const;

    // All of it as payloads of the journal, which read_payload gives back.
    std::vector<std::string> payloads() const;

    // How many of each series wait for their time to come, and when the first does.
    struct Ahead {
        SeriesId series;
        std::uint64_t count;
        Nanoseconds first;
        Nanoseconds last;
    };
    std::vector<Ahead> list_ahead() const;

    static constexpr std::uint64_t kReadingBytes = 24;  // besides its text

  private:
    struct Row {
        Nanoseconds time;
        std::uint64_t bits;  // as in Value; of a text: its place in `texts`
        SeriesId series;
        ValueKind kind;
    };
    static_assert(sizeof(Row) == kReadingBytes);

    struct Rows {
        std::string boot;
        std::vector<Row> rows;
        std::string texts;

        void add(SeriesId series, Nanoseconds time, const Value& value);
        Value value(const Row& row) const;
        std::uint64_t bytes() const { return rows.size() * sizeof(Row) + texts.size(); }
    };

    std::vector<Rows> untimed_;  // one for each run of the machine, in order of coming
    Rows ahead_;
    std::optional<Nanoseconds> earliest_ahead_;
};

}  // namespace pomiar::storage
