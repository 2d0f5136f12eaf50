#include "ingest/series_table.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::size_t kSlotsFirst = 64;

}  // namespace

SeriesTable::SeriesTable() {
    forget();
}

void SeriesTable::start_batch() {
    trim();
    if (++generation_ == 0) forget();  // once in 2^32 batches: an old stamp must not look like a new one
    if (generation_ == 0) generation_ = 1;
}

void SeriesTable::trim() {
    if (entries_.size() >= kSeriesKept || bytes_.size() >= kNameBytesKept) forget();
}

SeriesTable::Index SeriesTable::add(Index parent, std::string_view raw, std::uint32_t hash, std::string_view name) {
    if (2 * (entries_.size() + 1) > slots_.size()) grow();
    const auto index = static_cast<Index>(entries_.size());
    const Span raw_span = append(raw);
    const Span name_span = raw == name ? raw_span : append(name);
    entries_.push_back({raw_span, name_span, parent, hash, 0, 0});
    place(index);
    return index;
}

// Where all probes hit others, the entry takes the first one's place: that one will be added again when it comes back.
void SeriesTable::place(Index index) {
    const std::uint32_t home = spread(entries_[index].parent, entries_[index].hash);
    for (std::uint32_t probe = 0; probe < kProbesMax; ++probe) {
        Index& slot = slots_[(home + probe) & mask_];
        if (slot == kNone) {
            slot = index;
            return;
        }
    }
    slots_[home & mask_] = index;
}

void SeriesTable::grow() {
    slots_.assign(slots_.size() * 2, kNone);
    mask_ = static_cast<std::uint32_t>(slots_.size() - 1);
    for (Index index = 0; index < entries_.size(); ++index) place(index);
}

void SeriesTable::forget() {
    entries_.clear();
    bytes_.clear();
    slots_.assign(kSlotsFirst, kNone);
    mask_ = kSlotsFirst - 1;
}

SeriesTable::Span SeriesTable::append(std::string_view text) {
    const Span span{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
    bytes_.append(text);
    return span;
}

}  // namespace pomiar::ingest
