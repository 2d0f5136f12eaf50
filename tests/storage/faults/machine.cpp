#include "machine.hpp"

#include <cstdlib>
#include <future>

#include <gtest/gtest.h>

namespace pomiar::storage::test {
namespace {

constexpr int kSteps = 18;
constexpr std::uint64_t kJournalBytesMax = 512u << 10;

class Collect final : public Visitor {
  public:
    Collect(Found& found, std::string sensor) : found_(found), sensor_(std::move(sensor)) {}
    bool take(const Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            const bool added = found_.emplace(Key{sensor_, readings.times[i]}, text_of(readings.value(i))).second;
            EXPECT_TRUE(added) << sensor_ << " twice at " << readings.times[i];
        }
        return true;
    }

  private:
    Found& found_;
    std::string sensor_;
};

}  // namespace

Machine::Machine(Load load)
    : disk_(std::make_unique<SimulatedDisk>()), vfs_(*disk_), clock_runs_(load == Load::spooled) {
    options_.path = directory_.path();  // a real one, for the lock
    options_.sync.mode = load == Load::always ? SyncPolicy::Mode::always : SyncPolicy::Mode::period;
    if (load == Load::spooled) options_.spool = memory_.path();
    if (clock_runs_) options_.sync.period = 1;
    options_.journal_bytes_max = kJournalBytesMax;
}

void Machine::insert(std::unique_ptr<SimulatedDisk> disk) {
    stop();
    vfs_.use(*disk);
    disk_ = std::move(disk);
}

Result<> Machine::start() {
    auto opened = Store::open(options_, *disk_, clock_);
    if (!opened) return failure(std::move(opened));
    store_ = std::move(*opened);
    return {};
}

void Machine::stop() {
    clock_.advance(kMinute);  // what waits for a next try has it now
    const bool ran = running();
    store_.reset();
    if (ran && stops_cleanly) history.make_durable(disk_->changes());
}

void Machine::live(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    if (!start()) return;
    for (int step = 1; step <= kSteps; ++step) {
        if (step % 7 == 0) {
            (void)seal();
        } else {
            (void)append(random);
        }
    }
    stop();
}

bool Machine::append(std::mt19937_64& random) {
    Batch batch;
    for (auto count = 1 + random() % 8; count > 0; --count) {
        const auto series = random() % 5;
        const std::string sensor = "s" + std::to_string(series);
        now_ += static_cast<Nanoseconds>(1 + random() % 3);
        // Mostly onward, sometimes far back, sometimes the same again.
        Nanoseconds time = now_ * 10 + static_cast<Nanoseconds>(series);
        if (random() % 6 == 0) time = static_cast<Nanoseconds>(10 * (1 + random() % 40) + series);
        const std::string text(random() % 6 == 0 ? 30'000 : 5, static_cast<char>('a' + random() % 26));
        const Value value = series == 0   ? Value::of(std::string_view(text))
                            : series == 1 ? Value::of(random() % 2 == 0)
                            : series == 2 ? Value::of(static_cast<std::int64_t>(random()))
                                          : Value::of(static_cast<double>(random() % 1000) / 10);
        batch.add(batch.add_series(sensor, "f"), time, value, 1);
        history.begin({sensor, time}, value, disk_->changes());
    }
    return append(std::move(batch));
}

bool Machine::append(const std::string& sensor, Nanoseconds time, const Value& value) {
    return append(sensor, time, time, value);
}

bool Machine::arrive(const std::string& sensor, Nanoseconds time, const Value& value) {
    return append(sensor, store_->arrival_time(), time, value);
}

bool Machine::append(const std::string& sensor, Nanoseconds given, Nanoseconds time, const Value& value) {
    Batch batch;
    batch.add(batch.add_series(sensor, "f"), given, value, 1);
    history.begin({sensor, time}, value, disk_->changes());
    return append(std::move(batch));
}

bool Machine::append(Batch batch) {
    if (clock_runs_) clock_.advance(1);
    std::promise<AppendOutcome> answered;
    store_->append(std::move(batch), [&](AppendOutcome outcome) { answered.set_value(std::move(outcome)); });
    const AppendOutcome outcome = answered.get_future().get();
    if (outcome.failure) {
        history.refuse();
        return false;
    }
    EXPECT_TRUE(outcome.refused.empty());
    history.answer(disk_->changes());
    if (options_.sync.mode == SyncPolicy::Mode::always) history.make_durable(disk_->changes());
    return true;
}

bool Machine::seal() {
    if (!store_->seal()) return false;
    history.make_durable(disk_->changes());
    return true;
}

Found Machine::found(std::vector<std::string>* damage) {
    Found found;
    std::promise<void> done;
    store_->read([&](Snapshot* snapshot) {
        for (const SeriesInfo& series : snapshot->series()) {
            Collect collect(found, series.sensor);
            auto scanned = snapshot->scan(series.id, kAllTime, collect);
            if (scanned) continue;
            if (damage == nullptr) {
                ADD_FAILURE() << scanned.error().message;
            } else {
                damage->push_back(scanned.error().message);
            }
        }
        done.set_value();
    });
    done.get_future().get();
    return found;
}

std::string name_of(Machine::Load load) {
    if (load == Machine::Load::always) return "always";
    return load == Machine::Load::period ? "period" : "spooled";
}

bool all_points() {
    const char* wanted = std::getenv("POMIAR_FAULTS");
    return wanted != nullptr && std::string_view(wanted) == "all";
}

}  // namespace pomiar::storage::test
