// Any bytes as a page of a SQLite b-tree, and as a record: read or refused, never past their end.
#include <cstdint>
#include <string_view>

#include "storage/database/tree_page.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)pomiar::storage::parse_record(bytes);
    std::string page(bytes.substr(0, pomiar::storage::kPageBytesMax));
    page.resize(size < 1024 ? 1024 : pomiar::storage::kPageBytesMax);
    for (const std::uint32_t number : {1u, 2u}) (void)pomiar::storage::parse_tree_page(page, number);
    return 0;
}
