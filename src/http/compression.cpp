#include "http/compression.hpp"

#include <algorithm>
#include <memory>

#include <fmt/core.h>
#include <zlib.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

constexpr int kGzipWindow = 15 + 16;   // the largest window, gzip framing
constexpr int kWriteWindow = 13 + 16;  // 8 KiB: pages are small, and so stays the memory
constexpr int kWriteMemory = 6;
constexpr int kWriteLevel = 4;
constexpr std::size_t kStep = std::size_t{64} * 1024;
constexpr std::size_t kRatioMax = 1040;  // deflate makes at most 258 bytes of two bits

Bytef* zlib_bytes(const char* bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
}

// Takes gzip data apart, one piece of what is inside after the other.
class Inflater {
  public:
    explicit Inflater(std::string_view compressed) : ready_(inflateInit2(&stream_, kGzipWindow) == Z_OK) {
        stream_.next_in = zlib_bytes(compressed.data());
        stream_.avail_in = static_cast<uInt>(compressed.size());
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ready_) inflateEnd(&stream_);
    }

    // Gives how many bytes it has put there: fewer than `size` at the end only. `size` is not 0.
    Result<std::size_t> next(char* into, std::size_t size);

  private:
    z_stream stream_{};
    bool ready_;
    bool at_end_ = false;
};

Result<std::size_t> Inflater::next(char* into, std::size_t size) {
    if (!ready_) return failure(ErrorKind::busy, "no memory to decompress the body");
    stream_.next_out = zlib_bytes(into);
    stream_.avail_out = static_cast<uInt>(size);
    while (!at_end_ && stream_.avail_out > 0) {
        const int result = inflate(&stream_, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            at_end_ = stream_.avail_in == 0;
            if (at_end_ || inflateReset(&stream_) == Z_OK) continue;
        }
        if (result == Z_OK) continue;
        return failure(ErrorKind::invalid, result == Z_BUF_ERROR ? "the gzip data of the body ends too early"
                                                                 : "the body is not valid gzip data");
    }
    return size - stream_.avail_out;
}

// The size inside as the last four bytes tell it, and no more than such data can hold. It may be a lie, or of the last
// of several members.
std::size_t told_size(std::string_view compressed) {
    if (compressed.size() < 4) return 0;
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
        size |= std::size_t{static_cast<unsigned char>(compressed[compressed.size() - 4 + i])} << (8 * i);
    return std::min(size, compressed.size() * kRatioMax);
}

// The size inside, up to `bytes_max` + 1, by looking at all of it.
Result<std::size_t> measured_size(std::string_view compressed, std::size_t bytes_max) {
    Inflater inflater(compressed);
    const auto scratch = std::make_unique_for_overwrite<char[]>(kStep);
    for (std::size_t size = 0;;) {
        auto got = inflater.next(scratch.get(), kStep);
        if (!got) return got;
        size += *got;
        if (size > bytes_max) return bytes_max + 1;
        if (*got < kStep) return size;
    }
}

// What is inside, if that is no more than `size`; else more than `size` bytes of it.
Result<std::string> inflate_up_to(std::string_view compressed, std::size_t size) {
    Inflater inflater(compressed);
    std::string out;
    out.reserve(size + 1);  // one byte past it shows that it is passed
    for (;;) {
        const std::size_t before = out.size();
        const std::size_t step = std::min(kStep, size + 1 - before);
        out.resize(before + step);
        const auto got = inflater.next(out.data() + before, step);
        if (!got) return failure(Result<std::size_t>(got));
        out.resize(before + *got);
        if (*got < step || out.size() > size) return out;
    }
}

}  // namespace

// All goes into one piece of memory of the right size: one that grew would be copied, and for a moment take three times
// the room.
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max) {
    const auto too_large = [&] {
        return failure(ErrorKind::too_large,
                       fmt::format("the body is larger than {} bytes once decompressed", bytes_max));
    };
    const std::size_t told = std::min(told_size(compressed), bytes_max);
    auto out = inflate_up_to(compressed, told);
    if (!out || out->size() <= told) return out;
    if (told == bytes_max) return too_large();
    out = std::string();
    const auto size = measured_size(compressed, bytes_max);
    if (!size) return failure(Result<std::size_t>(size));
    if (*size > bytes_max) return too_large();
    return inflate_up_to(compressed, *size);
}

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, kWriteLevel, Z_DEFLATED, kWriteWindow, kWriteMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = zlib_bytes(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = zlib_bytes(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(result == Z_STREAM_END ? out.size() - stream.avail_out : 0);
    deflateEnd(&stream);
    return out;
}

bool accepts_encoding(const Headers& headers, std::string_view coding) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (!equal_ignoring_case(headers[i].name, "Accept-Encoding")) continue;
        for (const std::string_view item : split(headers[i].value, ',')) {
            if (!equal_ignoring_case(trim(item.substr(0, item.find(';'))), coding)) continue;
            const std::size_t weight = std::min(item.find("q="), item.find("Q="));
            if (weight == std::string_view::npos) return true;
            const auto value = parse_double(trim(item.substr(weight + 2)));
            return value && *value > 0;
        }
    }
    return false;
}

}  // namespace pomiar::http
