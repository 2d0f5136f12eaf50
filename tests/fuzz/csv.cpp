// Any bytes as CSV. What is taken must come back from our own export, and parts must give what the whole gives.
#include "ingest/csv.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bug.hpp"
#include "query/reading_format.hpp"

namespace {

using namespace pomiar;

struct Read {
    bool right = true;  // the header
    std::uint64_t refused = 0;
    std::string written;
};

Read read(std::string_view input, std::size_t step) {
    Read read;
    ingest::CsvReader reader;
    storage::Batch batch;
    for (std::size_t at = 0; at < input.size() && read.right; at += step)
        read.right = reader.feed(input.substr(at, step), batch).has_value();
    if (read.right) read.right = reader.finish(batch).has_value();
    read.refused = reader.report().refused;
    read.written = query::reading_header(query::ReadingFormat::csv);
    for (const auto& point : batch.points()) {
        const auto writer = query::ReadingWriter::create(query::ReadingFormat::csv, batch.sensor(point.series),
                                                         batch.field(point.series));
        require(writer && writer->append(read.written, point.time, batch.value(point)), "a reading cannot be written");
    }
    return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Read whole = read(input, size + 1);
    const Read parts = read(input, 1 + size / 3);
    require(whole.right == parts.right && whole.written == parts.written && whole.refused == parts.refused,
            "parts differ from the whole");
    const Read again = read(whole.written, whole.written.size() + 1);
    require(again.right && again.refused == 0 && again.written == whole.written, "what was taken does not come back");
    return 0;
}
