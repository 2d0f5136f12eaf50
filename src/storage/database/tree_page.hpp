// What stands on one page of a SQLite b-tree: children and records. For reading what SQLite gives up.
// Pure functions on bytes, of any bytes; records that run over several pages are fetched from a PageFile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/database/page_file.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kRecordBytesMax = 1u << 20;  // one that says to be longer is damaged
inline constexpr std::size_t kColumnsMax = 64;

struct TreePage {
    enum class Kind { table_leaf, table_inner, index_leaf, index_inner } kind;
    std::size_t bad_cells;                // that lie outside the page; they are left out
    std::size_t header;                   // offset of the page's header: 100 on the first page
    std::vector<std::uint16_t> cells;     // offsets
    std::vector<std::uint32_t> children;  // of an inner page, in order

    bool is_index() const { return kind == Kind::index_leaf || kind == Kind::index_inner; }
};

// Nothing where the page is none of a b-tree's.
std::optional<TreePage> parse_tree_page(std::string_view page, std::uint32_t number);

using Column = std::variant<std::monostate, std::int64_t, double, std::string>;  // a string: text or blob, see below
struct Record {
    std::int64_t rowid = 0;  // of a table
    std::vector<Column> columns;
    std::vector<bool> is_blob;
};

// The record of one cell of the page `number`; nothing where it is damaged.
std::optional<Record> read_cell(PageFile& file, std::uint32_t number, const TreePage& page, std::size_t cell);

// The record that these bytes are; nothing where they are none.
std::optional<Record> parse_record(std::string_view bytes);

}  // namespace pomiar::storage
