// Bit strings, lowest bit of each byte first, and the exp-Golomb codes written in them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {

// Appends to a string it does not own; flush() once at the end.
class BitWriter {
  public:
    explicit BitWriter(std::string& out) : out_(out) {}

    // count: 0 to 64; bits of `value` above count must be 0.
    void put(std::uint64_t value, unsigned count) {
        if (count > 32) {
            put(value & 0xffff'ffff, 32);
            value >>= 32;
            count -= 32;
        }
        pending_ |= value << held_;
        held_ += count;
        while (held_ >= 8) {
            out_.push_back(static_cast<char>(pending_));
            pending_ >>= 8;
            held_ -= 8;
        }
    }
    // Small numbers short: 0 in k + 1 bits. value >> k must be below 2^64 - 1.
    void put_golomb(std::uint64_t value, unsigned k) {
        const std::uint64_t high = (value >> k) + 1;
        const auto length = static_cast<unsigned>(std::bit_width(high)) - 1;
        put(0, length);
        put(1, 1);
        put(high - std::bit_floor(high), length);
        put(k == 0 ? 0 : value & (~std::uint64_t{0} >> (64 - k)), k);
    }
    void flush() {
        if (held_ > 0) out_.push_back(static_cast<char>(pending_));
        pending_ = 0;
        held_ = 0;
    }

  private:
    std::string& out_;
    std::uint64_t pending_ = 0;
    unsigned held_ = 0;
};

// Reads from a view it does not own. Past the end it gives zeros, and ok() is false from then on.
class BitReader {
  public:
    explicit BitReader(std::string_view in) : in_(in) {}

    // count: 0 to 64.
    std::uint64_t get(unsigned count) {
        if (count <= 56) return get_some(count);
        const std::uint64_t low = get_some(32);
        return low | get_some(count - 32) << 32;
    }
    // Fails on a code longer than any that is written.
    std::uint64_t get_golomb(unsigned k) {
        unsigned length = 0;
        while (get_some(1) == 0) {
            if (++length > 63 || !ok()) return fail();
        }
        const std::uint64_t high = (std::uint64_t{1} << length | get(length)) - 1;
        if (k > 0 && high >> (64 - k) != 0) return fail();
        return high << k | get(k);
    }
    bool ok() const { return !failed_ && consumed_ <= std::uint64_t{8} * in_.size(); }
    // Nothing is left but the padding of the last byte, which is zeros.
    bool at_end() const {
        if (!ok() || (consumed_ + 7) / 8 != in_.size()) return false;
        return consumed_ % 8 == 0 || static_cast<std::uint8_t>(in_.back()) >> (consumed_ % 8) == 0;
    }

  private:
    // count: 0 to 56.
    std::uint64_t get_some(unsigned count) {
        const auto byte = static_cast<std::size_t>(consumed_ / 8);
        std::uint64_t window = 0;
        if (byte + 8 <= in_.size()) {
            window = load<std::uint64_t>(in_.data() + byte);
        } else if (byte < in_.size()) {
            std::memcpy(&window, in_.data() + byte, in_.size() - byte);
        }
        const std::uint64_t value = window >> (consumed_ % 8) & ((std::uint64_t{1} << count) - 1);
        consumed_ += count;
        return value;
    }
    std::uint64_t fail() {
        failed_ = true;
        return 0;
    }

    std::string_view in_;
    std::uint64_t consumed_ = 0;
    bool failed_ = false;
};

}  // namespace pomiar::storage::codec
