// A store to which something else comes just before each removal.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "storage/store.hpp"

namespace pomiar::web::test {

class InterruptedStore final : public storage::Store {
  public:
    using Done = std::move_only_function<void(Result<>)>;

    explicit InterruptedStore(storage::Store& store) : store_(store) {}

    std::function<void()> before_removal = [] {};

    void append(storage::Batch batch, std::move_only_function<void(storage::AppendOutcome)> done) override {
        store_.append(std::move(batch), std::move(done));
    }
    void read(std::move_only_function<void(storage::Snapshot*)> job) override { store_.read(std::move(job)); }
    void after_writes(std::move_only_function<void()> done) override { store_.after_writes(std::move(done)); }
    std::uint64_t version() const override { return store_.version(); }
    storage::StoreStatistics statistics() const override { return store_.statistics(); }
    void remove(std::vector<storage::SeriesId> series, storage::TimeRange range, Done done) override {
        before_removal();
        store_.remove(std::move(series), range, std::move(done));
    }
    void remove_as_of(std::uint64_t version, std::vector<storage::SeriesId> series, storage::TimeRange range,
                      Done done) override {
        before_removal();
        store_.remove_as_of(version, std::move(series), range, std::move(done));
    }
    Nanoseconds arrival_time() override { return store_.arrival_time(); }
    TrustedClock& time() override { return store_.time(); }
    std::vector<Ahead> ahead() override { return store_.ahead(); }
    void seal(Done done) override { store_.seal(std::move(done)); }
    Result<> seal() override { return store_.seal(); }

  private:
    storage::Store& store_;
};

}  // namespace pomiar::web::test
