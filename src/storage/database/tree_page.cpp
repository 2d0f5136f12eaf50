#include "storage/database/tree_page.hpp"

#include <algorithm>
#include <bit>

#include "base/bytes.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;

// SQLite's numbers are big-endian. After the first failure ok() is false.
class PageReader {
  public:
    explicit PageReader(std::string_view bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}

    std::uint64_t fixed(std::size_t size) {
        if (at_ > bytes_.size() || size > bytes_.size() - at_) return fail();
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes_[at_ + i]);
        at_ += size;
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int i = 0; i < 9; ++i) {
            const std::uint64_t byte = fixed(1);
            if (i == 8) return value << 8 | byte;
            value = value << 7 | (byte & 0x7f);
            if (byte < 0x80) return value;
        }
        return value;
    }
    std::string_view bytes(std::uint64_t size) {
        if (at_ > bytes_.size() || size > bytes_.size() - at_) {
            fail();
            return {};
        }
        at_ += static_cast<std::size_t>(size);
        return bytes_.substr(at_ - static_cast<std::size_t>(size), static_cast<std::size_t>(size));
    }
    bool ok() const { return ok_; }

  private:
    std::uint64_t fail() {
        ok_ = false;
        at_ = bytes_.size();
        return 0;
    }

    std::string_view bytes_;
    std::size_t at_;
    bool ok_ = true;
};

std::int64_t sign_extended(std::uint64_t value, std::size_t size) {
    const unsigned shift = static_cast<unsigned>(64 - 8 * size);
    return static_cast<std::int64_t>(value << shift) >> shift;
}

bool read_column(PageReader& body, std::uint64_t type, Record& record) {
    constexpr std::size_t kIntegerBytes[] = {0, 1, 2, 3, 4, 6, 8};
    record.is_blob.push_back(type >= 12 && type % 2 == 0);
    if (type == 0) {
        record.columns.emplace_back();
    } else if (type <= 6) {
        record.columns.emplace_back(sign_extended(body.fixed(kIntegerBytes[type]), kIntegerBytes[type]));
    } else if (type == 7) {
        record.columns.emplace_back(std::bit_cast<double>(body.fixed(8)));
    } else if (type <= 9) {
        record.columns.emplace_back(static_cast<std::int64_t>(type - 8));
    } else if (type >= 12) {
        record.columns.emplace_back(std::string(body.bytes((type - 12) / 2)));
    } else {
        return false;
    }
    return body.ok();
}

// How much of a payload stands on the page itself. Nothing of a page is reserved.
std::size_t local_bytes(std::size_t payload, bool table, std::size_t page_bytes) {
    const std::size_t most = table ? page_bytes - 35 : (page_bytes - 12) * 64 / 255 - 23;
    if (payload <= most) return payload;
    const std::size_t least = (page_bytes - 12) * 32 / 255 - 23;
    const std::size_t wanted = least + (payload - least) % (page_bytes - 4);
    return wanted <= most ? wanted : least;
}

}  // namespace

std::optional<TreePage> parse_tree_page(std::string_view page, std::uint32_t number) {
    if (page.size() < kFileHeaderBytes) return std::nullopt;
    TreePage parsed{};
    parsed.header = number == 1 ? kFileHeaderBytes : 0;
    PageReader reader(page, parsed.header);
    switch (reader.fixed(1)) {
        case 2:
            parsed.kind = TreePage::Kind::index_inner;
            break;
        case 5:
            parsed.kind = TreePage::Kind::table_inner;
            break;
        case 10:
            parsed.kind = TreePage::Kind::index_leaf;
            break;
        case 13:
            parsed.kind = TreePage::Kind::table_leaf;
            break;
        default:
            return std::nullopt;
    }
    reader.fixed(2);
    const std::uint64_t count = reader.fixed(2);
    reader.fixed(3);
    const bool inner = parsed.kind == TreePage::Kind::table_inner || parsed.kind == TreePage::Kind::index_inner;
    const auto last = static_cast<std::uint32_t>(inner ? reader.fixed(4) : 0);
    if (count > page.size() / 4) return std::nullopt;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto offset = static_cast<std::uint16_t>(reader.fixed(2));
        if (!reader.ok() || offset < parsed.header + 8 || offset >= page.size()) {
            ++parsed.bad_cells;
            continue;
        }
        parsed.cells.push_back(offset);
        if (inner) parsed.children.push_back(static_cast<std::uint32_t>(PageReader(page, offset).fixed(4)));
    }
    if (inner) parsed.children.push_back(last);
    return parsed;
}

std::optional<Record> parse_record(std::string_view bytes) {
    PageReader sizes(bytes);
    const std::uint64_t header = sizes.varint();
    if (!sizes.ok() || header == 0 || header > bytes.size()) return std::nullopt;
    PageReader types(bytes.substr(0, static_cast<std::size_t>(header)));
    types.varint();
    PageReader body(bytes, static_cast<std::size_t>(header));
    Record record;
    for (;;) {
        const std::uint64_t type = types.varint();
        if (!types.ok()) break;
        if (record.columns.size() == kColumnsMax || !read_column(body, type, record)) return std::nullopt;
    }
    return record;
}

std::optional<Record> read_cell(PageFile& file, std::uint32_t number, const TreePage& page, std::size_t cell) {
    const std::string_view bytes = file.page(number);
    PageReader reader(bytes, page.cells[cell]);
    if (page.kind == TreePage::Kind::index_inner) reader.fixed(4);
    const std::uint64_t size = reader.varint();
    const auto rowid = page.is_index() ? 0 : static_cast<std::int64_t>(reader.varint());
    if (!reader.ok() || size > kRecordBytesMax) return std::nullopt;
    const std::size_t local = local_bytes(static_cast<std::size_t>(size), !page.is_index(), file.page_bytes());
    std::string payload(reader.bytes(local));
    auto next = static_cast<std::uint32_t>(local < size ? reader.fixed(4) : 0);
    if (!reader.ok()) return std::nullopt;
    while (payload.size() < size) {
        const std::string_view overflow = file.page(next);
        if (overflow.empty()) return std::nullopt;
        next = static_cast<std::uint32_t>(PageReader(overflow).fixed(4));
        payload.append(overflow.substr(4, static_cast<std::size_t>(size) - payload.size()));
    }
    auto record = parse_record(payload);
    if (record) record->rowid = rowid;
    return record;
}

}  // namespace pomiar::storage
