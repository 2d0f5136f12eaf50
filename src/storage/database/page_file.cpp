#include "storage/database/page_file.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kLogHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kLogMagic = 0x377f0682;  // the lowest bit says whose byte order the checksums have

std::uint32_t big_endian(const char* bytes) {
    return std::byteswap(load<std::uint32_t>(bytes));
}

class Checksum {
  public:
    explicit Checksum(bool big) : big_(big) {}
    void add(std::string_view bytes) {
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            sums_[0] += word(bytes.data() + i) + sums_[1];
            sums_[1] += word(bytes.data() + i + 4) + sums_[0];
        }
    }
    bool is(const char* stored) const { return sums_[0] == big_endian(stored) && sums_[1] == big_endian(stored + 4); }

  private:
    std::uint32_t word(const char* bytes) const { return big_ ? big_endian(bytes) : load<std::uint32_t>(bytes); }

    bool big_;
    std::array<std::uint32_t, 2> sums_{};
};

bool read_exactly(File& file, std::uint64_t offset, char* out, std::size_t size) {
    auto count = file.read_at(offset, out, size);
    return count && *count == size;
}

}  // namespace

Result<PageFile> PageFile::open(const std::string& path, FileSystem& files) {
    PageFile opened;
    auto file = files.open(path, OpenMode::read);
    if (!file) return failure(std::move(file));
    opened.file_ = std::move(*file);
    auto size = opened.file_->size();
    if (!size) return failure(std::move(size));
    opened.page_bytes_ = opened.find_page_bytes();
    opened.buffer_.resize(opened.page_bytes_);
    opened.pages_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>((*size + opened.page_bytes_ - 1) / opened.page_bytes_, ~0u));
    if (auto log = files.open(path + "-wal", OpenMode::read)) {
        opened.log_ = std::move(*log);
        opened.read_log();
    }
    return opened;
}

// As the header says. Where it is damaged: the smaller, if a page that can only be one of the smaller stands anywhere.
std::size_t PageFile::find_page_bytes() {
    constexpr std::size_t kSizes[] = {1024, kPageBytesMax};
    std::string header(18, '\0');
    if (read_exactly(*file_, 0, header.data(), header.size()) && header.starts_with("SQLite format 3")) {
        for (const std::size_t size : kSizes) {
            if (static_cast<std::size_t>(big_endian(header.data() + 14) & 0xffff) == size) return size;
        }
    }
    const auto is_leaf = [](char type) { return type == 10 || type == 13; };
    std::string page(kPageBytesMax, '\0');
    for (std::uint64_t offset = 0; read_exactly(*file_, offset, page.data(), page.size()); offset += page.size()) {
        for (std::size_t at = kSizes[0]; at < page.size(); at += kSizes[0]) {
            // A leaf's cells lie inside its page.
            const std::uint32_t content = big_endian(page.data() + at + 3) & 0xffff;
            if (is_leaf(page[at]) && page[at + 1] == 0 && content > 8 && content <= kSizes[0]) return kSizes[0];
        }
    }
    return kPageBytesMax;
}

// Frames count up to the last commit before the first that is not intact.
void PageFile::read_log() {
    std::string frame(kFrameHeaderBytes + page_bytes_, '\0');
    std::string header(kLogHeaderBytes, '\0');
    if (!read_exactly(*log_, 0, header.data(), kLogHeaderBytes)) return;
    const std::uint32_t magic = big_endian(header.data());
    if ((magic & ~1u) != kLogMagic || big_endian(header.data() + 8) != page_bytes_) return;
    Checksum checksum((magic & 1) != 0);
    checksum.add(std::string_view(header).substr(0, 24));
    if (!checksum.is(header.data() + 24)) return;
    std::map<std::uint32_t, std::uint64_t> uncommitted;
    for (std::uint64_t offset = kLogHeaderBytes;; offset += frame.size()) {
        if (!read_exactly(*log_, offset, frame.data(), frame.size())) return;
        checksum.add(std::string_view(frame).substr(0, 8));
        checksum.add(std::string_view(frame).substr(kFrameHeaderBytes));
        if (frame.compare(8, 8, header, 16, 8) != 0 || !checksum.is(frame.data() + 16)) return;
        uncommitted[big_endian(frame.data())] = offset + kFrameHeaderBytes;
        if (const std::uint32_t pages = big_endian(frame.data() + 4); pages != 0) {
            for (const auto& [number, at] : uncommitted) in_log_[number] = at;
            uncommitted.clear();
            pages_ = std::max(pages_, pages);
        }
    }
}

std::string_view PageFile::page(std::uint32_t number) {
    if (number == 0 || number > pages_) return {};
    if (number == current_) return buffer_;
    current_ = 0;
    const auto logged = in_log_.find(number);
    const bool read = logged != in_log_.end() ? read_exactly(*log_, logged->second, buffer_.data(), page_bytes_)
                                              : read_exactly(*file_, (number - 1) * std::uint64_t{page_bytes_},
                                                             buffer_.data(), page_bytes_);
    if (!read) return {};
    current_ = number;
    return buffer_;
}

}  // namespace pomiar::storage
