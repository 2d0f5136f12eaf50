// The reader's view: a database snapshot and the heads, kept in step. docs: snapshot.hpp
// Owns:   the reading database connection. Borrows the State.
// Thread: the reader thread. Takes the State's mutex for copies only.
#pragma once

#include <memory>
#include <type_traits>
#include <unordered_map>

#include "storage/block_reader.hpp"
#include "storage/database/connection.hpp"
#include "storage/state.hpp"

namespace pomiar::storage {

class Reader final : public Snapshot {
  public:
    static Result<std::unique_ptr<Reader>> open(const std::string& path, std::uint64_t cache_bytes, State& state);

    // Between two jobs: the file is about to be another one.
    void close();
    Result<> reopen();

    // A job's frame: the database snapshot lives between them.
    void begin();
    void end();

    const std::vector<SeriesInfo>& series() override;
    std::optional<SeriesInfo> find(std::string_view sensor, std::string_view field) override;
    std::vector<SeriesInfo> fields_of(std::string_view sensor) override;
    Result<std::optional<Latest>> latest(SeriesId series) override;
    Result<> scan(SeriesId series, TimeRange range, Visitor& visitor) override;
    Result<std::optional<TimeRange>> extent(SeriesId series) override;
    std::uint64_t version() const override;
    std::uint64_t removals() const override { return removal_epoch_; }

  private:
    Reader(std::string path, std::uint64_t cache_bytes, State& state)
        : path_(std::move(path)), cache_bytes_(cache_bytes), state_(state) {}

    // What copy() takes of the State, and a database snapshot that has all that was sealed before. What is asked of the
    // State later does not belong to that snapshot: a seal may have ended in between.
    template <class Copy>
    auto in_step(Copy copy) -> Result<std::invoke_result_t<Copy>>;
    Result<> renew_snapshot();
    std::uint64_t seal_epoch();

    const std::string path_;
    const std::uint64_t cache_bytes_;
    Connection database_;
    BlockReader blocks_;
    State& state_;
    bool in_transaction_ = false;
    std::uint64_t epoch_ = 0;
    std::vector<SeriesInfo> series_;      // a copy of the catalog's, extended as it grows
    std::size_t series_seen_ = 0;         // of the catalog's
    std::vector<std::uint32_t> by_name_;  // indexes into series_, by sensor and field
    std::uint64_t removal_epoch_ = 0;     // when the job began
    // As of when it was first asked; heads know the rest, unless something was removed since.
    std::unordered_map<SeriesId, std::optional<Latest>> latest_in_blocks_;
    std::uint64_t latest_epoch_ = 0;  // State::removal_epoch then
};

}  // namespace pomiar::storage
