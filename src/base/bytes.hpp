// Integers in byte strings: little-endian fixed width, and LEB128 varints with zigzag for signed ones.
// Readers never pass the end: they fail and stay failed, so that a format is read straight through and checked once.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pomiar {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian, read and written in place");

constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1));
}

template <std::unsigned_integral T>
T load(const void* from) {
    T v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

template <std::unsigned_integral T>
void store(void* to, T v) {
    std::memcpy(to, &v, sizeof v);
}

// Appends to a string it does not own.
class ByteWriter {
  public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    template <std::unsigned_integral T>
    void fixed(T v) {
        out_.append(reinterpret_cast<const char*>(&v), sizeof v);
    }
    void varint(std::uint64_t v) {
        char buffer[10];
        std::size_t n = 0;
        while (v >= 0x80) {
            buffer[n++] = static_cast<char>(v | 0x80);
            v >>= 7;
        }
        buffer[n++] = static_cast<char>(v);
        out_.append(buffer, n);
    }
    void signed_varint(std::int64_t v) { varint(zigzag(v)); }
    void bytes(std::string_view b) { out_.append(b); }
    void sized(std::string_view b) {
        varint(b.size());
        bytes(b);
    }

  private:
    std::string& out_;
};

// Reads from a view it does not own. After the first failure ok() is false and every read gives 0 or "".
class ByteReader {
  public:
    explicit ByteReader(std::string_view in) : in_(in) {}

    template <std::unsigned_integral T>
    T fixed() {
        if (in_.size() < sizeof(T)) return fail<T>();
        T v = load<T>(in_.data());
        in_.remove_prefix(sizeof(T));
        return v;
    }
    std::uint64_t varint() {
        std::uint64_t v = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            if (in_.empty()) return fail<std::uint64_t>();
            const auto byte = static_cast<std::uint8_t>(in_.front());
            if (shift == 63 && byte > 1) return fail<std::uint64_t>();
            in_.remove_prefix(1);
            v |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return v;
        }
        return fail<std::uint64_t>();
    }
    std::int64_t signed_varint() { return unzigzag(varint()); }
    std::string_view bytes(std::uint64_t n) {
        if (n > in_.size()) return fail<std::string_view>();
        std::string_view b = in_.substr(0, static_cast<std::size_t>(n));
        in_.remove_prefix(static_cast<std::size_t>(n));
        return b;
    }
    std::string_view sized() { return bytes(varint()); }

    bool ok() const { return ok_; }
    bool at_end() const { return in_.empty(); }
    std::size_t left() const { return in_.size(); }

  private:
    template <class T>
    T fail() {
        ok_ = false;
        in_ = {};
        return T{};
    }

    std::string_view in_;
    bool ok_ = true;
};

}  // namespace pomiar
