// Random writes, seals and restarts against the simplest possible store: a map.
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace pomiar::storage {
namespace {

class StoreModelTest : public test::StoreFixture {
  protected:
    static constexpr int kSeries = 4;

    void write(std::mt19937_64& random) {
        Batch batch;
        const auto count = random() % 200;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto s = static_cast<int>(random() % kSeries);
            // Mostly onward, sometimes far back, often the same time again.
            now_ += static_cast<Nanoseconds>(random() % 3);
            const Nanoseconds time = random() % 10 == 0 ? static_cast<Nanoseconds>(random() % 5'000) : now_;
            const Value value = random() % 2 == 0 ? Value::of(static_cast<std::int64_t>(random()))
                                                  : Value::of(static_cast<double>(random() % 100));
            batch.add(batch.add_series("s" + std::to_string(s), "f"), time, value, 1);
            model_[s][time] = value;
        }
        ASSERT_EQ(append(std::move(batch)).stored, count);
    }

    void compare() {
        for (int s = 0; s < kSeries; ++s) {
            const Readings found = all("s" + std::to_string(s), "f");
            ASSERT_EQ(found.size(), model_[s].size());
            std::size_t i = 0;
            for (const auto& [time, value] : model_[s]) {
                ASSERT_EQ(found.times[i], time);
                ASSERT_EQ(found.value(i), value);
                ++i;
            }
        }
    }

    Nanoseconds now_ = 0;
    std::map<int, std::map<Nanoseconds, Value>> model_;
};

TEST_F(StoreModelTest, AgreesWithAMap) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        now_ = 0;
        model_.clear();
        start_afresh();
        for (int step = 0; step < 60; ++step) {
            const auto dice = random() % 10;
            if (dice < 7) write(random);
            if (dice == 7) {
                ASSERT_TRUE(store->seal());
            }
            if (dice == 8) reopen();
            if (dice == 9) compare();
            if (HasFatalFailure()) return;
        }
        compare();
        close_and_check();
    }
}

}  // namespace
}  // namespace pomiar::storage
