#include "storage/journal/spool.hpp"

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint32_t kSpoolMagic = 0x53524d50;  // "PMRS"
constexpr std::uint32_t kSpoolVersion = 1;
constexpr std::size_t kHeaderBytes = 32;

std::string header(Position base) {
    std::string out;
    ByteWriter writer(out);
    writer.fixed(kSpoolMagic);
    writer.fixed(kSpoolVersion);
    writer.fixed(base);
    writer.fixed(crc32c(out));
    out.resize(kHeaderBytes, '\0');
    return out;
}

// What was moved to a segment that was released since has been left by accident.
Spooled read(std::string_view bytes, Position released) {
    Spooled found;
    ByteReader reader(bytes.substr(0, kHeaderBytes));
    const auto magic = reader.fixed<std::uint32_t>();
    const auto version = reader.fixed<std::uint32_t>();
    const auto base = reader.fixed<std::uint64_t>();
    const auto checksum = reader.fixed<std::uint32_t>();
    const bool intact = reader.ok() && checksum == crc32c(bytes.substr(0, 16));
    if (!intact || magic != kSpoolMagic || version != kSpoolVersion || base < released) return found;
    found.base = base;
    while (const auto payload =
               payload_at(bytes, kHeaderBytes + static_cast<std::size_t>(found.bytes), base + found.bytes)) {
        found.payloads.emplace_back(*payload);
        found.bytes += frame_bytes(payload->size());
    }
    return found;
}

Result<std::string> read_file(File& file) {
    std::string bytes(kHeaderBytes + kSpoolBytesMax, '\0');
    auto count = file.read_at(0, bytes.data(), bytes.size());
    if (!count) return failure(std::move(count));
    bytes.resize(*count);
    return bytes;
}

}  // namespace

Result<Spool> Spool::open(const std::string& path, FileSystem& files, Position released) {
    auto file = files.open(path, OpenMode::write);
    if (!file && file.error().kind == ErrorKind::not_found) file = files.open(path, OpenMode::create);
    if (!file) return failure(std::move(file));
    auto bytes = read_file(**file);
    if (!bytes) return failure(std::move(bytes));
    Spool spool(path, std::move(*file));
    spool.content_ = read(*bytes, released);
    return spool;
}

Spooled Spool::inspect(const std::string& path, FileSystem& files, Position released) {
    auto file = files.open(path, OpenMode::read);
    if (!file) return {};
    auto bytes = read_file(**file);
    return bytes ? read(*bytes, released) : Spooled();
}

Result<> Spool::append(const std::vector<std::string_view>& payloads, Position end) {
    std::string out;
    if (empty()) {
        content_.base = end;
        out = header(end);
    }
    const std::uint64_t at = empty() ? 0 : kHeaderBytes + content_.bytes;
    std::uint64_t bytes = content_.bytes;
    for (const std::string_view payload : payloads) {
        append_frame(out, content_.base + bytes, payload);
        bytes += frame_bytes(payload.size());
    }
    if (auto r = file_->write_at(at, out); !r) return r;
    content_.bytes = bytes;
    content_.payloads.insert(content_.payloads.end(), payloads.begin(), payloads.end());
    return {};
}

Result<> Spool::clear() {
    content_ = {};
    return file_->write_at(0, std::string(kHeaderBytes, '\0'));
}

}  // namespace pomiar::storage
