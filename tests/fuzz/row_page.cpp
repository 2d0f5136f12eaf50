// Any bytes as a page of rows, or of roll-ups. What is taken is written again to a page that reads the same.
#include "cli/readings/row_page.hpp"

#include <cstddef>
#include <cstdint>

#include "base/bug.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pomiar;
    const auto spans = cli::decode_spans({reinterpret_cast<const char*>(data), size});
    if (spans) require(cli::encode_spans(*spans).size() == size, "other roll-ups");
    const auto page = cli::decode_rows({reinterpret_cast<const char*>(data), size}, 3);
    if (!page) return 0;
    const std::string written = cli::encode_rows(*page);
    const auto again = cli::decode_rows(written, 3);
    require(again.has_value(), "a page that was written cannot be read");
    require(again->series_of == page->series_of && again->readings.times == page->readings.times, "other rows");
    for (std::size_t i = 0; i < page->readings.size(); ++i)
        require(again->readings.value(i) == page->readings.value(i), "another value");
    return 0;
}
