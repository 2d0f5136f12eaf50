// The part of the second decoder (reference_decoder.hpp) that reads bytes, bit strings and sequences.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pomiar::storage::reference {

class SequenceDecoder {
  protected:
    struct Wrong {};
    using Numbers = std::vector<std::uint64_t>;

    explicit SequenceDecoder(std::string_view in) : in_(in) {}

    static void check(bool right) {
        if (!right) throw Wrong{};
    }

    // ---- bytes

    std::string_view bytes(std::uint64_t size) {
        check(size <= in_.size());
        const std::string_view taken = in_.substr(0, size);
        in_.remove_prefix(size);
        return taken;
    }
    unsigned byte() { return static_cast<unsigned char>(bytes(1)[0]); }
    std::uint64_t eight() {
        std::uint64_t number = 0;
        for (unsigned i = 0; i < 8; ++i) number |= std::uint64_t{byte()} << (8 * i);
        return number;
    }
    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (unsigned i = 0; i < 10; ++i) {
            const unsigned b = byte();
            check(i < 9 || b <= 1);
            number |= std::uint64_t{b & 127} << (7 * i);
            if (b < 128) return number;
        }
        throw Wrong{};
    }
    static std::uint64_t unzigzag(std::uint64_t z) { return z % 2 == 0 ? z / 2 : 0 - z / 2 - 1; }
    std::uint64_t svarint() { return unzigzag(varint()); }
    std::string_view sized() { return bytes(varint()); }

    // ---- bit strings

    class Bits {
      public:
        explicit Bits(std::string_view in) : in_(in) {}
        unsigned bit() {
            check(at_ < in_.size() * 8);
            const unsigned value = static_cast<unsigned char>(in_[at_ / 8]) >> (at_ % 8) & 1;
            ++at_;
            return value;
        }
        std::uint64_t number(unsigned count) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{bit()} << i;
            return value;
        }
        std::uint64_t golomb(unsigned k) {
            unsigned z = 0;
            while (bit() == 0) check(++z <= 63);
            const std::uint64_t high = (std::uint64_t{1} << z) + number(z) - 1;
            check(k == 0 || high < std::uint64_t{1} << (64 - k));
            return (high << k) + number(k);
        }
        void end() {
            check(in_.size() * 8 - at_ < 8);
            while (at_ < in_.size() * 8) check(bit() == 0);
        }

      private:
        std::string_view in_;
        std::size_t at_ = 0;
    };

    // ---- sequences

    static constexpr unsigned kContexts[] = {1, 4, 16, 8, 9, 36};

    static unsigned coarse(unsigned t) { return t < 2 ? t : t <= 3 ? 2 : t <= 11 ? 3 : t <= 31 ? 4 : 5; }
    static unsigned context(unsigned model, unsigned t, unsigned u) {
        unsigned digits = 0;
        for (unsigned rest = t; rest != 0; rest /= 2) ++digits;
        switch (model) {
            case 0:
                return 0;
            case 1:
                return std::min(t, 3u);
            case 2:
                return std::min(t, 15u);
            case 3:
                return std::min(digits, 7u);
            case 4:
                return 3 * std::min(t, 2u) + std::min(u, 2u);
            default:
                return 6 * coarse(t) + coarse(u);
        }
    }

    static std::vector<unsigned> frequencies(Bits& bits, unsigned tokens) {
        std::vector<unsigned> of(tokens, 0);
        const std::uint64_t n = bits.golomb(0);
        check(n <= tokens);
        if (n == 0) {
            of[0] = 2048;
            return of;
        }
        std::vector<std::uint64_t> used;
        for (std::uint64_t next = 0; used.size() < n; next = used.back() + 1) {
            const std::uint64_t gap = bits.golomb(0);
            check(gap < tokens);
            used.push_back(next + gap);
            check(used.back() < tokens);
        }
        unsigned index_bits = 0;
        while ((n - 1) >> index_bits != 0) ++index_bits;
        const std::uint64_t rest = bits.number(index_bits);
        check(rest < n);
        const std::uint64_t precision = n > 1 ? bits.number(2) : 0;
        std::uint64_t p = 0;
        std::uint64_t left = 2048;
        for (std::uint64_t i = 0; i < n; ++i) {
            if (i == rest) continue;
            p += unzigzag(bits.golomb(0));
            check(p <= 10);
            const auto b = static_cast<unsigned>(std::min(p, precision));
            const std::uint64_t frequency = ((std::uint64_t{1} << b) + bits.number(b)) << (p - b);
            check(frequency < left);
            left -= frequency;
            of[used[i]] = static_cast<unsigned>(frequency);
        }
        of[used[rest]] = static_cast<unsigned>(left);
        return of;
    }

    static std::uint64_t word(std::string_view& words) {
        check(words.size() >= 2);
        const std::uint64_t value = static_cast<unsigned char>(words[0]) + 256u * static_cast<unsigned char>(words[1]);
        words.remove_prefix(2);
        return value;
    }

    Numbers by_tokens(unsigned form, std::uint64_t n) {
        const unsigned d = (form - 2) / 6 == 0 ? 4 : 6;
        const unsigned model = (form - 2) % 6;
        const unsigned direct = 1u << d;
        std::string_view words = sized();
        Bits bits(sized());
        std::vector<std::vector<unsigned>> tables;
        tables.reserve(kContexts[model]);
        for (unsigned i = 0; i < kContexts[model]; ++i) tables.push_back(frequencies(bits, direct + 2 * (64 - d)));
        std::array<std::uint64_t, 2> x{};
        for (std::uint64_t& state : x) {
            state = word(words);
            state += word(words) << 16;
            check(state >= 65536);
        }
        std::vector<unsigned> tokens;
        unsigned t = 0;
        unsigned u = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            const std::vector<unsigned>& table = tables[context(model, t, u)];
            std::uint64_t& state = x[i % 2];
            const std::uint64_t part = state % 2048;
            unsigned token = 0;
            std::uint64_t start = 0;
            while (part >= start + table[token]) start += table[token++];
            state = table[token] * (state / 2048) + part - start;
            if (state < 65536) state = state * 65536 + word(words);
            tokens.push_back(token);
            u = t;
            t = token;
        }
        check(x[0] == 65536 && x[1] == 65536 && words.empty());
        Numbers numbers;
        for (const unsigned token : tokens) {
            if (token < direct) {
                numbers.push_back(token);
                continue;
            }
            const unsigned raw = d + (token - direct) / 2 - 1;
            numbers.push_back((std::uint64_t{2 + (token - direct) % 2} << raw) + bits.number(raw));
        }
        bits.end();
        return numbers;
    }

    Numbers sequence(std::uint64_t n) {
        if (n == 0) return {};
        const unsigned form = byte();
        check(form <= 13);
        if (form == 0) return Numbers(n, varint());
        if (form > 1) return by_tokens(form, n);
        const unsigned k = byte();
        Bits bits(sized());
        check(k <= 63);
        Numbers numbers;
        while (numbers.size() < n) numbers.push_back(bits.golomb(k));
        bits.end();
        return numbers;
    }

    std::string_view in_;
};

}  // namespace pomiar::storage::reference
