// A store in a temporary directory, with calls that wait for their answer.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "storage/check.hpp"
#include "storage/store.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage::test {

class StoreFixture : public ::testing::Test {
  protected:
    StoreOptions options() {
        StoreOptions o;
        o.path = directory.path() + "/data";
        return o;
    }

    void open() { open(options()); }
    void open(const StoreOptions& o) {
        auto opened = Store::open(o, *files, clock);
        ASSERT_TRUE(opened) << opened.error().message;
        store = std::move(*opened);
    }
    void close() { store.reset(); }
    // An empty store at another time's beginning.
    void start_afresh() {
        close();
        directory.~TemporaryDirectory();
        new (&directory) pomiar::test::TemporaryDirectory();
        open();
    }
    // Closes it and has `pomiar check` look at what is on the card.
    void close_and_check() {
        close();
        const auto report = check(options().path, real_file_system());
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    }
    void reopen() {
        close();
        open();
    }

    AppendOutcome append(Batch batch) {
        std::promise<AppendOutcome> answered;
        store->append(std::move(batch), [&](AppendOutcome outcome) { answered.set_value(std::move(outcome)); });
        return answered.get_future().get();
    }
    AppendOutcome put(std::string_view sensor, std::string_view field, Nanoseconds time, const Value& value) {
        Batch batch;
        batch.add(batch.add_series(sensor, field), time, value, 1);
        return append(std::move(batch));
    }

    // Runs on the reader thread and waits.
    template <class Job>
    void read(Job job) {
        std::promise<void> done;
        store->read([&](Snapshot* snapshot) {
            job(*snapshot);
            done.set_value();
        });
        done.get_future().get();
    }

    // All readings of a series in the range, decoded.
    Readings all(std::string_view sensor, std::string_view field, TimeRange range = kAllTime) {
        struct Collect final : Visitor {
            Readings found;
            bool take(const Summary&) override { return false; }
            bool take(const Readings& readings, std::size_t first, std::size_t last) override {
                for (std::size_t i = first; i < last; ++i) found.push(readings.times[i], readings.value(i));
                return true;
            }
        } collect;
        read([&](Snapshot& snapshot) {
            const auto series = snapshot.find(sensor, field);
            if (!series) return;
            const auto scanned = snapshot.scan(series->id, range, collect);
            EXPECT_TRUE(scanned) << scanned.error().message;
        });
        return collect.found;
    }

    FileSystem* files = &real_file_system();
    pomiar::test::TemporaryDirectory directory;
    pomiar::test::FakeClock clock;
    std::unique_ptr<Store> store;
};

}  // namespace pomiar::storage::test
