#include "web/api/csv_download.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "query/reading_format.hpp"
#include "web/api/api_measurements.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

constexpr std::size_t kPieceWanted = std::size_t{64} * 1024;
constexpr std::uint32_t kRowsLeast = 16;
constexpr std::uint32_t kRowsMost = 4'000;
constexpr std::size_t kNameBytesMax = 100;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
}
// No more than what a file system could take for something else.
bool is_harmless(char c) {
    return is_plain(c) || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// Each run of other characters is one hyphen; none begins or ends it.
template <class Keep>
std::string with_hyphens(std::string_view text, Keep keep) {
    std::string out;
    for (const char c : text) {
        if (keep(c)) {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (out.ends_with('-') || out.ends_with('.')) out.pop_back();
    return out;
}

// Not within a character.
std::string_view cut(std::string_view text) {
    std::size_t size = std::min(text.size(), kNameBytesMax);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    return text.substr(0, size);
}

}  // namespace

Result<CsvDownload::Part> CsvDownload::read_part(storage::Snapshot& snapshot, const Question& question,
                                                 const query::RawQuery& raw) {
    auto series = query::select_series(snapshot, question.sensor, question.field, question.only);
    if (!series) return failure(std::move(series));
    auto page = query::read_page(snapshot, std::move(*series), raw);
    if (!page) return failure(std::move(page));
    Part part;
    if (!raw.after) part.text = query::reading_header(query::ReadingFormat::csv);
    append_page_as_csv(part.text, *page);
    part.rows = static_cast<std::uint32_t>(page->readings.size());
    part.next = page->next;
    part.damage = std::move(page->damage);
    return part;
}

Task<Result<std::string>> CsvDownload::read_next() {
    const query::RawQuery raw{.range = question_.range, .limit = rows_, .after = after_};
    auto job = [question = question_, raw](storage::Snapshot& snapshot) { return read_part(snapshot, question, raw); };
    auto reading = read(context_.store, context_.loop, std::move(job));
    Result<Part> part = co_await reading;
    if (!part) co_return failure(std::move(part));
    after_ = part->next;
    ended_ = !part->next;
    damage_ = std::move(part->damage);
    const std::size_t bytes_each = part->text.size() / std::max(part->rows, 1u) + 1;
    rows_ = std::clamp(static_cast<std::uint32_t>(kPieceWanted / bytes_each), kRowsLeast, kRowsMost);
    co_return std::move(part->text);
}

Task<Result<>> CsvDownload::begin() {
    auto piece = co_await read_next();
    if (!piece) co_return failure(std::move(piece));
    first_ = std::move(*piece);
    damage_told_ = damage_.has_value();  // in the header
    co_return Result<>();
}

Task<Result<std::string>> CsvDownload::next() {
    if (!first_.empty()) co_return std::exchange(first_, {});
    if (ended_) co_return std::string();
    auto piece = co_await read_next();
    if (damage_ && !std::exchange(damage_told_, true))
        log::warning("a download of `{}` is incomplete: {}", question_.sensor, damage_->message);
    co_return piece;
}

std::string csv_attachment(std::string_view sensor, std::string_view field) {
    std::string name(sensor);
    if (!sensor.empty() && !field.empty()) name += '-';
    name += field;
    std::string plain = with_hyphens(cut(name), is_plain);
    if (plain.empty()) plain = "measurements";
    const std::string whole = with_hyphens(cut(name), is_harmless);
    std::string value = fmt::format("attachment; filename=\"{}.csv\"", plain);
    if (!whole.empty() && whole != plain) value += fmt::format("; filename*=UTF-8''{}.csv", percent_encode(whole));
    return value;
}

}  // namespace pomiar::web
