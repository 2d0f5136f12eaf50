#include "storage/codec/block.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include "base/bug.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "storage/codec/column.hpp"
#include "storage/codec/doubles.hpp"
#include "storage/codec/integers.hpp"
#include "storage/codec/times.hpp"
#include "storage/codec/values.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint8_t kAlone = 1;     // format version: one series, raw, not named
constexpr std::uint8_t kTogether = 2;  // format version: what is written now
constexpr unsigned kDepthMax = 3;      // columns whose times must be read before a column's own
constexpr auto kNever = std::numeric_limits<double>::infinity();

std::unexpected<Error> corrupt(const char* what) {
    return failure(ErrorKind::corrupt, what);
}

// Writes columns, then the block around them.
class Encoder {
  public:
    explicit Encoder(Level level) : level_(level) {}

    // values: appends the column's values to the string it is given.
    template <class Values>
    void add(SeriesId series, std::span<const Nanoseconds> times, Values values) {
        require(!times.empty() && times.size() <= kBlockReadingsMax, "a column holds 1 to kBlockReadingsMax");
        require(std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end(),
                "times of a column ascend strictly");
        require(columns_.empty() || columns_.back().series < series, "series of a block ascend");
        std::size_t reference = best_reference(times);
        const auto companion = reference == 0 ? std::span<const Nanoseconds>{} : columns_[reference - 1].times;
        std::string section;
        if (!codec::encode_column_times(times, companion, section)) reference = 0;
        const std::size_t time_bytes = section.size();
        values(section);
        const unsigned depth = reference == 0 ? 0 : columns_[reference - 1].depth + 1;
        columns_.push_back({series, times, depth, reference, time_bytes, std::move(section)});
    }

    void write(std::string& out) const {
        require(!columns_.empty() && columns_.size() <= kBlockColumnsMax, "a block has 1 to kBlockColumnsMax columns");
        const std::size_t start = out.size();
        ByteWriter writer(out);
        writer.fixed(kTogether);
        writer.fixed(static_cast<std::uint8_t>(level_));
        writer.varint(columns_.size());
        SeriesId before = 0;
        for (const Column& column : columns_) {
            writer.varint(column.series - before);
            writer.varint(column.times.size());
            writer.varint(column.reference);
            writer.varint(column.time_bytes);
            writer.varint(column.section.size() - column.time_bytes);
            before = column.series;
        }
        const std::uint32_t sum = crc32c(std::string_view(out).substr(start));
        writer.fixed(sum);
        for (const Column& column : columns_) {
            writer.bytes(column.section);
            writer.fixed(crc32c(column.section, sum));
        }
    }

  private:
    struct Column {
        SeriesId series;
        std::span<const Nanoseconds> times;
        unsigned depth;
        std::size_t reference;
        std::size_t time_bytes;
        std::string section;
    };

    // Whose times tell most of these; 0: there is none.
    std::size_t best_reference(std::span<const Nanoseconds> times) const {
        std::size_t best = 0;
        double best_bits = kNever;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (columns_[i].depth >= kDepthMax) continue;
            const double bits = codec::rough_companion_bits(times, columns_[i].times);
            if (bits >= best_bits) continue;
            best = i + 1;
            best_bits = bits;
            if (bits == 0) break;
        }
        return best;
    }

    Level level_;
    std::vector<Column> columns_;
};

void check(const BlockColumn& column) {
    const Readings& readings = column.readings;
    require(column.first < column.last && column.last <= readings.size(), "a column holds readings that there are");
    const SeriesType type = series_type(readings.kinds[column.first]);
    for (std::size_t i = column.first; i < column.last; ++i) {
        require(series_type(readings.kinds[i]) == type, "a column holds values of one type");
    }
    require(text_bytes(readings, column.first, column.last) <= kBlockTextBytesMax,
            "texts of a column are within kBlockTextBytesMax");
}

}  // namespace

void encode_block(std::span<const BlockColumn> columns, std::string& out) {
    Encoder encoder(Level::raw);
    for (const BlockColumn& column : columns) {
        check(column);
        encoder.add(
            column.series, std::span(column.readings.times).subspan(column.first, column.last - column.first),
            [&](std::string& section) { codec::encode_values(column.readings, column.first, column.last, section); });
    }
    encoder.write(out);
}

void encode_block(std::span<const RollUpColumn> columns, Level level, std::string& out) {
    require(level != Level::raw, "roll-ups have a level of their own");
    Encoder encoder(level);
    for (const RollUpColumn& column : columns) {
        const std::size_t count = column.last - column.first;
        const RollUps& roll_ups = column.roll_ups;
        encoder.add(column.series, std::span(roll_ups.times).subspan(column.first, count), [&](std::string& section) {
            codec::encode_integers(std::span(roll_ups.counts).subspan(column.first, count), section);
            for (const auto& figure : roll_ups.figures) {
                std::vector<std::uint64_t> bits(count);
                std::transform(figure.begin() + static_cast<std::ptrdiff_t>(column.first),
                               figure.begin() + static_cast<std::ptrdiff_t>(column.last), bits.begin(),
                               [](double number) { return std::bit_cast<std::uint64_t>(number); });
                codec::encode_doubles(bits, section);
            }
        });
    }
    encoder.write(out);
}

Result<BlockView> BlockView::open(std::string_view bytes) {
    ByteReader in(bytes);
    BlockView view;
    view.version_ = in.fixed<std::uint8_t>();
    if (view.version_ == kAlone) {
        const auto sum = in.fixed<std::uint32_t>();
        const std::string_view body = in.bytes(in.left());
        const std::uint64_t count = ByteReader(body).varint();
        if (!in.ok() || sum != crc32c(body, crc32c(bytes.substr(0, 1)))) return corrupt("block has a wrong checksum");
        if (count == 0 || count > kBlockReadingsMax) return corrupt("block has a right checksum but wrong content");
        view.columns_.push_back({0, static_cast<std::size_t>(count), 0, {}, body, sum});
        return view;
    }
    if (!in.ok()) return corrupt("block is cut off");
    if (view.version_ != kTogether) return corrupt("block has a format version unknown to this program");
    const auto level = in.fixed<std::uint8_t>();
    const std::uint64_t count = in.varint();
    if (level > static_cast<std::uint8_t>(Level::day) || count == 0 || count > kBlockColumnsMax)
        return corrupt("block has a damaged table of contents");
    view.level_ = static_cast<Level>(level);
    std::uint64_t series = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> sizes;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t distance = in.varint();
        const std::uint64_t readings = in.varint();
        const std::uint64_t reference = in.varint();
        const std::uint64_t times = in.varint();
        const std::uint64_t values = in.varint();
        const bool possible = distance != 0 && distance <= std::numeric_limits<SeriesId>::max() - series &&
                              readings != 0 && readings <= kBlockReadingsMax && reference <= i;
        if (!in.ok() || !possible) return corrupt("block has a damaged table of contents");
        series += distance;
        sizes.emplace_back(times, values);
        view.columns_.push_back({static_cast<SeriesId>(series),
                                 static_cast<std::size_t>(readings),
                                 static_cast<std::size_t>(reference),
                                 {},
                                 {},
                                 0});
    }
    const std::string_view contents = bytes.substr(0, bytes.size() - in.left());
    const auto sum = in.fixed<std::uint32_t>();
    if (!in.ok() || sum != crc32c(contents)) return corrupt("block has a damaged table of contents");
    view.contents_sum_ = sum;
    for (std::size_t i = 0; i < view.columns_.size(); ++i) {
        view.columns_[i].times = in.bytes(sizes[i].first);
        view.columns_[i].values = in.bytes(sizes[i].second);
        view.columns_[i].sum = in.fixed<std::uint32_t>();
    }
    if (!in.ok()) return corrupt("block is cut off");
    if (!in.at_end()) return corrupt("block has bytes past its end");
    return view;
}

std::optional<std::size_t> BlockView::find(SeriesId series) const {
    if (version_ == kAlone) return 0;
    const auto found = std::ranges::lower_bound(columns_, series, {}, &Column::series);
    if (found == columns_.end() || found->series != series) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
}

Result<> BlockView::check_sum(std::size_t column) const {
    const Column& c = columns_[column];
    if (c.sum == crc32c({c.times.data(), c.times.size() + c.values.size()}, contents_sum_)) return {};
    return corrupt("column has a wrong checksum");
}

Result<> BlockView::read_times(std::size_t column, std::vector<Nanoseconds>& times) const {
    times.clear();
    if (version_ == kAlone) {
        Readings readings;
        if (!codec::decode_body(columns_[0].values, readings))
            return corrupt("block has a right checksum but wrong content");
        times = std::move(readings.times);
        return {};
    }
    if (auto intact = check_sum(column); !intact) return intact;
    std::vector<Nanoseconds> companion;
    if (const std::size_t reference = columns_[column].reference; reference != 0) {
        if (auto r = read_times(reference - 1, companion); !r) return r;
    }
    times.resize(columns_[column].count);
    if (codec::decode_column_times(columns_[column].times, companion, times)) return {};
    times.clear();
    return corrupt("column has a right checksum but wrong times");
}

Result<> BlockView::read(std::size_t column, Readings& readings) const {
    readings.clear();
    if (level_ != Level::raw) return corrupt("block holds roll-ups, not readings");
    if (version_ == kAlone) {
        if (codec::decode_body(columns_[0].values, readings)) return {};
        readings.clear();
        return corrupt("block has a right checksum but wrong content");
    }
    if (auto r = read_times(column, readings.times); !r) return r;
    readings.resize(readings.times.size());
    ByteReader in(columns_[column].values);
    if (codec::decode_values(in, kBlockTextBytesMax, readings) && in.at_end()) return {};
    readings.clear();
    return corrupt("column has a right checksum but wrong values");
}

Result<> BlockView::read(std::size_t column, RollUps& roll_ups) const {
    roll_ups.clear();
    if (level_ == Level::raw) return corrupt("block holds readings, not roll-ups");
    if (auto r = read_times(column, roll_ups.times); !r) return r;
    roll_ups.resize(roll_ups.times.size());
    ByteReader in(columns_[column].values);
    bool right = codec::decode_integers(in, roll_ups.counts);
    std::vector<std::uint64_t> bits(roll_ups.size());
    for (auto& figure : roll_ups.figures) {
        right = right && codec::decode_doubles(in, bits);
        std::ranges::transform(bits, figure.begin(), [](std::uint64_t b) { return std::bit_cast<double>(b); });
    }
    if (right && in.at_end()) return {};
    roll_ups.clear();
    return corrupt("column has a right checksum but wrong figures");
}

std::size_t text_bytes(const Readings& readings, std::size_t first, std::size_t last) {
    std::size_t total = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (readings.kinds[i] == ValueKind::text) total += text_length(readings.bits[i]);
    }
    return total;
}

}  // namespace pomiar::storage
