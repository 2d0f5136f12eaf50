#include "base/gzip_file.hpp"

#include <array>
#include <memory>

#include <zlib.h>

#include "base/bug.hpp"

namespace pomiar {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{16} * 1024;
constexpr int kGzipWindowBits = 15 + 16;  // zlib's word for gzip
constexpr int kMemoryLevel = 8;           // zlib's default

struct EndDeflate {
    void operator()(z_stream* stream) const { ::deflateEnd(stream); }
};

Result<> deflate_into(File& in, File& out) {
    z_stream stream{};
    require(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                         Z_DEFAULT_STRATEGY) == Z_OK,
            "zlib does not start");
    const std::unique_ptr<z_stream, EndDeflate> ending(&stream);
    std::array<char, kPieceBytes> plain;
    std::array<char, kPieceBytes> packed;
    std::uint64_t written = 0;
    for (std::uint64_t offset = 0;;) {
        const auto size = in.read_at(offset, plain.data(), plain.size());
        if (!size) return failure(Result<std::size_t>(size));
        offset += *size;
        const bool last = *size < plain.size();
        stream.next_in = reinterpret_cast<Bytef*>(plain.data());
        stream.avail_in = static_cast<uInt>(*size);
        do {
            stream.next_out = reinterpret_cast<Bytef*>(packed.data());
            stream.avail_out = static_cast<uInt>(packed.size());
            ::deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
            const std::size_t ready = packed.size() - stream.avail_out;
            if (auto r = out.write_at(written, {packed.data(), ready}); !r) return r;
            written += ready;
        } while (stream.avail_out == 0);
        if (last) return {};
    }
}

}  // namespace

Result<> gzip_file(FileSystem& files, const std::string& from, const std::string& to) {
    auto in = files.open(from, OpenMode::read);
    if (!in) return failure(std::move(in));
    const std::string aside = to + ".new";
    if (auto gone = files.remove(aside); !gone && gone.error().kind != ErrorKind::not_found) return gone;
    auto out = files.open(aside, OpenMode::create);
    if (!out) return failure(std::move(out));
    auto done = deflate_into(**in, **out);
    if (done) done = (*out)->sync();
    if (done) done = files.rename(aside, to);
    if (!done) (void)files.remove(aside);  // a full disk wants its room back; what is left is removed the next time
    return done;
}

}  // namespace pomiar
