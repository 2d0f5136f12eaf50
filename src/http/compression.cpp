#include "http/compression.hpp"

#include <algorithm>

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

struct Inflater {
    z_stream stream{};
    bool ready = inflateInit2(&stream, kGzipWindow) == Z_OK;
    Inflater() = default;
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ready) inflateEnd(&stream);
    }
};

Bytef* zlib_bytes(const char* bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
}

}  // namespace

Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max) {
    Inflater inflater;
    if (!inflater.ready) return failure(ErrorKind::busy, "no memory to decompress the body");
    z_stream& stream = inflater.stream;
    stream.next_in = zlib_bytes(compressed.data());
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::string out;
    for (;;) {
        // One byte past the limit shows that it is passed.
        const std::size_t room = std::min(std::max(kStep, out.size()), bytes_max + 1 - out.size());
        const std::size_t before = out.size();
        out.resize(before + room);
        stream.next_out = zlib_bytes(out.data() + before);
        stream.avail_out = static_cast<uInt>(room);
        const int result = inflate(&stream, Z_NO_FLUSH);
        out.resize(before + room - stream.avail_out);
        if (out.size() > bytes_max) {
            return failure(ErrorKind::too_large,
                           fmt::format("the body is larger than {} bytes once decompressed", bytes_max));
        }
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0) return out;
            if (inflateReset(&stream) != Z_OK) return failure(ErrorKind::invalid, "the body is not valid gzip data");
        } else if (result == Z_OK || (result == Z_BUF_ERROR && stream.avail_out == 0)) {
            continue;
        } else {
            return failure(ErrorKind::invalid, result == Z_BUF_ERROR ? "the gzip data of the body ends too early"
                                                                     : "the body is not valid gzip data");
        }
    }
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
            const std::size_t weight = item.find("q=");
            if (weight == std::string_view::npos) return true;
            const auto value = parse_double(trim(item.substr(weight + 2)));
            return value && *value > 0;
        }
    }
    return false;
}

}  // namespace pomiar::http
