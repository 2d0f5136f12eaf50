#include "append.hpp"

#include <chrono>
#include <semaphore>
#include <utility>
#include <vector>

namespace pomiar::bench {
namespace {

using storage::Batch;

constexpr std::size_t kBatchReadings = 5000;
constexpr std::ptrdiff_t kUnderWay = 8;  // batches that wait at a time: the queue is never empty and never full
constexpr Nanoseconds kBegin = 1'700'000'000 * kSecond;

// A sensor's value with one decimal that wanders, as most do.
double next_value(std::uint64_t& state) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(200 + (state >> 59)) / 10;
}

std::vector<Batch> make_batches(std::uint32_t series, std::size_t readings) {
    std::vector<Batch> batches;
    std::uint64_t state = 1;
    for (std::size_t made = 0; made < readings; made += kBatchReadings) {
        Batch batch;
        batch.reserve(kBatchReadings);
        std::vector<std::uint32_t> index(series, ~0u);
        for (std::size_t i = made; i < made + kBatchReadings; ++i) {
            const auto which = static_cast<std::uint32_t>(i % series);
            if (index[which] == ~0u) {
                index[which] = batch.add_series("climate,device=room" + std::to_string(which), "temperature");
            }
            const Nanoseconds round = static_cast<Nanoseconds>(i / series) * 10 * kSecond;
            batch.add(index[which], kBegin + round + static_cast<Nanoseconds>(which) * 1'000'000,
                      storage::Value::of(next_value(state)), 1);
        }
        batches.push_back(std::move(batch));
    }
    return batches;
}

}  // namespace

Result<double> append_rate(storage::Store& store, std::uint32_t series, std::size_t readings) {
    std::vector<Batch> batches = make_batches(series, readings);
    std::counting_semaphore<> free_places(kUnderWay);
    std::optional<Error> failed;  // written on the writer's thread, read once all have answered
    const auto start = std::chrono::steady_clock::now();
    for (Batch& batch : batches) {
        free_places.acquire();
        store.append(std::move(batch), [&](const storage::AppendOutcome& outcome) {
            if (outcome.failure) failed = outcome.failure;
            free_places.release();
        });
    }
    for (std::ptrdiff_t i = 0; i < kUnderWay; ++i) free_places.acquire();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (failed) return std::unexpected(*failed);
    return static_cast<double>(batches.size() * kBatchReadings) / took.count();
}

}  // namespace pomiar::bench
