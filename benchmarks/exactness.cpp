// pomiar_exactness READINGS [SEED]: random and adversarial readings to blocks and back, each bit and nanosecond
// compared. Exit status 1 at the first that did not come back as it was.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "storage/codec/block.hpp"

namespace {

using namespace pomiar;
using namespace pomiar::storage;

constexpr Nanoseconds kFirst = std::numeric_limits<Nanoseconds>::min();
constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Readings readings() {
        Readings made;
        const std::size_t count = 1 + random_() % (random_() % 8 == 0 ? kBlockReadingsMax : 5000);
        const auto times = random_() % 6;
        const auto values = random_() % 9;
        Nanoseconds time = times == 5 ? kFirst : static_cast<Nanoseconds>(random_() >> 3);
        for (std::size_t i = 0; i < count; ++i) {
            made.push(time, value(values, i));
            const std::uint64_t step = step_of(times);
            if (static_cast<std::uint64_t>(kLast) - static_cast<std::uint64_t>(time) < step) break;
            time = static_cast<Nanoseconds>(static_cast<std::uint64_t>(time) + step);
        }
        return made;
    }

  private:
    std::uint64_t step_of(std::uint64_t kind) {
        switch (kind) {
            case 0:
                return 10'000'000'000;
            case 1:
                return 10'000'000'000 + random_() % 20 * 1'000'000;  // whole milliseconds
            case 2:
                return 1 + random_() % 100;  // nanoseconds
            case 3:
                return 1 + (random_() >> (random_() % 60 + 4));  // any size, gaps
            case 4:
                return 60'000'000'000 + random_() % 3;
            default:
                return 1 + (random_() >> 14);  // over the whole range
        }
    }

    Value value(std::uint64_t kind, std::size_t i) {
        switch (kind) {
            case 0:
                return Value::of(std::bit_cast<double>(random_()));  // any bits, NaNs and subnormals too
            case 1:
                return Value::of(static_cast<double>(random_() % 400) / 10);
            case 2:
                return Value::of(static_cast<std::int64_t>(random_() >> (random_() % 64)));
            case 3:
                return Value::of(random_() >> (random_() % 64));
            case 4:
                return special();
            case 5:
                return mixed(i);
            case 6:
                return Value::of(1e9 / static_cast<double>(1 + random_() % 1000));  // results of arithmetic
            case 7:
                return Value::of(static_cast<double>(static_cast<std::int64_t>(random_())) * 1e-12);
            default:
                wander_ += static_cast<std::int64_t>(random_() % 7) - 3;
                return Value::of(static_cast<double>(wander_) / 100);
        }
    }

    Value special() {
        using Double = std::numeric_limits<double>;
        using Signed = std::numeric_limits<std::int64_t>;
        switch (random_() % 12) {
            case 0:
                return Value::of(-0.0);
            case 1:
                return Value::of(Double::infinity());
            case 2:
                return Value::of(std::bit_cast<double>(0x7ff0'0000'0000'0001u));  // a signalling NaN
            case 3:
                return Value::of(Double::denorm_min());
            case 4:
                return Value::of(Double::max());
            case 5:
                return Value::of(Signed::min());
            case 6:
                return Value::of(Signed::max());
            case 7:
                return Value::of(std::numeric_limits<std::uint64_t>::max());
            case 8:
                return Value::of(9007199254740993.0);
            case 9:
                return Value::of(std::nextafter(0.1, 1));
            default:
                return Value::of(0.1 * static_cast<double>(random_() % 30));
        }
    }

    Value mixed(std::size_t i) {
        if (i % 3 == 0) return Value::of(static_cast<std::int64_t>(i));
        return i % 3 == 1 ? Value::of(static_cast<std::uint64_t>(i)) : Value::of(static_cast<double>(i));
    }

    std::mt19937_64 random_;
    std::int64_t wander_ = 2000;
};

std::uint64_t parse(const char* text) {
    std::uint64_t value = 0;
    const std::string_view digits = text;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: pomiar_exactness READINGS [SEED]\n");
        return 2;
    }
    const std::uint64_t wanted = parse(argv[1]);
    const std::uint64_t seed = argc > 2 ? parse(argv[2]) : 1;
    Generator generator(seed);
    std::uint64_t tried = 0;
    std::uint64_t blocks = 0;
    std::string bytes;
    Readings back;
    while (tried < wanted) {
        const Readings readings = generator.readings();
        bytes.clear();
        encode_block(std::array{BlockColumn{1, readings, 0, readings.size()}}, bytes);
        const auto view = BlockView::open(bytes);
        const bool same = view && view->read(0, back) && back.times == readings.times && back.bits == readings.bits &&
                          back.kinds == readings.kinds;
        ++blocks;
        if (!same) {
            fmt::print(stderr, "pomiar_exactness: block {} of seed {} did not come back as it was\n", blocks, seed);
            return 1;
        }
        tried += readings.size();
    }
    fmt::print("{{\"readings\": {}, \"blocks\": {}, \"seed\": {}}}\n", tried, blocks, seed);
    return 0;
}
