// A store on a simulated disk, journal and database alike, with a scripted load and a history of it.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "history.hpp"
#include "storage/store.hpp"
#include "support/fake_clock.hpp"
#include "support/simulated_disk.hpp"
#include "support/simulated_vfs.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage::test {

using pomiar::test::SimulatedDisk;

class Machine {
  public:
    enum class Load { always, period, spooled };  // spooled: a period, and a spool in memory
    explicit Machine(Load load);

    // Takes the place of the disk; the store is stopped.
    void insert(std::unique_ptr<SimulatedDisk> disk);
    SimulatedDisk& disk() { return *disk_; }

    Result<> start();
    void stop();
    bool running() const { return store_ != nullptr; }
    Store& store() { return *store_; }
    const StoreOptions& options() const { return options_; }
    pomiar::test::FakeClock& clock() { return clock_; }
    std::string path(const std::string& name) const { return options_.path + "/" + name; }

    // One life of the load: a start, appends to several series, late and repeated ones too, seals, a stop. What fails
    // is noted as refused.
    void live(std::uint64_t seed);
    bool append(std::mt19937_64& random);
    bool append(Batch batch);  // not in the history
    bool append(const std::string& sensor, Nanoseconds time, const Value& value);
    // A reading without a time; `time` is its true one, which the store may not know yet.
    bool arrive(const std::string& sensor, Nanoseconds time, const Value& value);
    bool seal();
    // Everything the store gives. Damage that it reports is added to `damage`, where one is wanted, else a failure.
    Found found(std::vector<std::string>* damage = nullptr);

    History history;
    bool stops_cleanly = true;  // a stop syncs: where no fault is about

  private:
    bool append(const std::string& sensor, Nanoseconds given, Nanoseconds time, const Value& value);

    pomiar::test::TemporaryDirectory directory_;
    pomiar::test::TemporaryDirectory memory_{"/dev/shm"};
    pomiar::test::FakeClock clock_;
    std::unique_ptr<SimulatedDisk> disk_;
    pomiar::test::SimulatedVfs vfs_;
    StoreOptions options_;
    const bool clock_runs_;  // so that periods end
    Nanoseconds now_ = 1000;
    std::unique_ptr<Store> store_;
};

std::string name_of(Machine::Load load);

// Whether POMIAR_FAULTS=all asks for every point; else a test takes some of them.
bool all_points();

}  // namespace pomiar::storage::test
