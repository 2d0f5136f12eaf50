#include "cli/readings/input.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace pomiar::cli {
namespace {

constexpr std::size_t kBufferBytes = 64u << 10;
constexpr int kGzipWindow = 15 + 32;           // the largest; gzip or zlib by their headers
constexpr std::size_t kZstdWindowLogMax = 25;  // 32 MiB: what `zstd --long=25` may ask of a small machine

// The bytes of the file as they are, with the first ones looked at and given again.
class Source {
  public:
    Source(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source() { ::close(descriptor_); }

    // Gives more bytes in [data(), data() + size()); none at the end.
    Result<std::size_t> fill() {
        begin_ = 0;
        end_ = 0;
        for (;;) {
            const ssize_t n = ::read(descriptor_, buffer_.data(), buffer_.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                return failure(ErrorKind::io,
                               fmt::format("cannot read {}: {}", path_, std::generic_category().message(errno)));
            }
            end_ = static_cast<std::size_t>(n);
            read_ += end_;
            return end_;
        }
    }
    const char* data() const { return buffer_.data() + begin_; }
    std::size_t size() const { return end_ - begin_; }
    void take(std::size_t size) { begin_ += size; }
    bool starts_with(std::string_view magic) const { return std::string_view(data(), size()).starts_with(magic); }
    std::uint64_t bytes_read() const { return read_; }
    std::uint64_t bytes_total() const {
        struct stat s{};
        return ::fstat(descriptor_, &s) == 0 && S_ISREG(s.st_mode) ? static_cast<std::uint64_t>(s.st_size) : 0;
    }
    std::unexpected<Error> damaged(std::string_view what) const {
        return failure(ErrorKind::corrupt, fmt::format("{}: {}", path_, what));
    }

  private:
    int descriptor_;
    std::string path_;
    std::array<char, kBufferBytes> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t read_ = 0;
};

class PlainInput : public Input {
  public:
    explicit PlainInput(std::unique_ptr<Source> source) : source_(std::move(source)) {}

    Result<std::size_t> read(char* out, std::size_t size) override {
        std::size_t done = 0;
        while (done < size) {
            if (source_->size() == 0) {
                auto filled = source_->fill();
                if (!filled) return filled;
                if (*filled == 0) break;
            }
            auto part = decode(out + done, size - done);
            if (!part) return part;
            done += *part;
        }
        if (done < size) {
            if (auto ended = at_end(); !ended) return failure(std::move(ended));
        }
        return done;
    }
    std::uint64_t bytes_read() const override { return source_->bytes_read() - source_->size(); }
    std::uint64_t bytes_total() const override { return source_->bytes_total(); }

  protected:
    // Turns some of the source's bytes into at most `size`; takes at least one byte or gives at least one.
    virtual Result<std::size_t> decode(char* out, std::size_t size) {
        const std::size_t n = std::min(size, source_->size());
        std::memcpy(out, source_->data(), n);
        source_->take(n);
        return n;
    }
    virtual Result<> at_end() { return {}; }
    Source& source() { return *source_; }

  private:
    std::unique_ptr<Source> source_;
};

class GzipInput final : public PlainInput {
  public:
    explicit GzipInput(std::unique_ptr<Source> source) : PlainInput(std::move(source)) {
        ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK;
    }
    GzipInput(const GzipInput&) = delete;
    GzipInput& operator=(const GzipInput&) = delete;
    ~GzipInput() override { inflateEnd(&stream_); }

  protected:
    Result<std::size_t> decode(char* out, std::size_t size) override {
        if (!ready_) return source().damaged("no memory to decompress it");
        if (ended_ && inflateReset(&stream_) == Z_OK) ended_ = false;  // a further member
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(source().data()));
        stream_.avail_in = static_cast<uInt>(source().size());
        stream_.next_out = reinterpret_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(size);
        const int code = inflate(&stream_, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return source().damaged("its gzip bytes are damaged");
        source().take(source().size() - stream_.avail_in);
        ended_ = code == Z_STREAM_END;
        return size - stream_.avail_out;
    }
    Result<> at_end() override {
        if (!ended_) return source().damaged("its gzip bytes end too soon");
        return {};
    }

  private:
    z_stream stream_{};
    bool ready_ = false;
    bool ended_ = false;
};

class ZstdInput final : public PlainInput {
  public:
    explicit ZstdInput(std::unique_ptr<Source> source) : PlainInput(std::move(source)), stream_(ZSTD_createDStream()) {
        ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }
    ZstdInput(const ZstdInput&) = delete;
    ZstdInput& operator=(const ZstdInput&) = delete;
    ~ZstdInput() override { ZSTD_freeDStream(stream_); }

  protected:
    Result<std::size_t> decode(char* out, std::size_t size) override {
        ZSTD_inBuffer in{source().data(), source().size(), 0};
        ZSTD_outBuffer to{out, size, 0};
        left_ = ZSTD_decompressStream(stream_, &to, &in);
        if (ZSTD_isError(left_) != 0)
            return source().damaged(fmt::format("its zstd bytes are damaged: {}", ZSTD_getErrorName(left_)));
        source().take(in.pos);
        return to.pos;
    }
    Result<> at_end() override {
        if (left_ != 0) return source().damaged("its zstd bytes end too soon");
        return {};
    }

  private:
    ZSTD_DStream* stream_;
    std::size_t left_ = 0;  // 0: at the end of a frame
};

}  // namespace

Result<std::unique_ptr<Input>> Input::open(const std::string& path) {
    const bool is_standard = path == "-";
    const int descriptor = is_standard ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        const ErrorKind kind = errno == ENOENT ? ErrorKind::not_found : ErrorKind::io;
        return failure(kind, fmt::format("cannot open {}: {}", path, std::generic_category().message(errno)));
    }
    auto source = std::make_unique<Source>(descriptor, is_standard ? "standard input" : path);
    if (auto filled = source->fill(); !filled) return failure(std::move(filled));
    if (source->starts_with("\x1f\x8b")) return std::make_unique<GzipInput>(std::move(source));
    if (source->starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdInput>(std::move(source));
    return std::make_unique<PlainInput>(std::move(source));
}

}  // namespace pomiar::cli
