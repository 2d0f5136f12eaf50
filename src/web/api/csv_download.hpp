// All readings of a sensor, a field and a range as one CSV file, however many: page by page while the client takes it.
// Thread: the loop's; pages are read on the store's reader thread.
// Memory: one page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/pieces.hpp"
#include "query/raw.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class CsvDownload final : public http::Pieces {
  public:
    struct Question {
        std::string sensor;  // canonical text; "": all
        std::string field;   // "": all
        std::string only;    // the part of all sensors that the asker may see
        storage::TimeRange range;
    };
    CsvDownload(const Context& context, Question question) : context_(context), question_(std::move(question)) {}

    // The file's first piece, which next() gives: what is wrong with the question is known before the answer begins.
    // Errors: those of select_series and read_page.
    Task<Result<>> begin();
    // Readings of the first piece that could not be read.
    const std::optional<Error>& damage() const { return damage_; }

    Task<Result<std::string>> next() override;

  private:
    struct Part {
        std::string text;
        std::uint32_t rows = 0;
        std::optional<query::Position> next;
        std::optional<Error> damage;
    };
    static Result<Part> read_part(storage::Snapshot& snapshot, const Question& question, const query::RawQuery& raw);
    Task<Result<std::string>> read_next();

    Context context_;
    Question question_;
    std::uint32_t rows_ = 1'000;  // of the next page: as many as make a good piece
    std::optional<query::Position> after_;
    bool ended_ = false;
    bool damage_told_ = false;
    std::optional<Error> damage_;
    std::string first_;
};

// "climate-room-hall-temperature.csv" as a field value (RFC 6266): plain letters for all, and as it is for who reads
// it.
std::string csv_attachment(std::string_view sensor, std::string_view field);

}  // namespace pomiar::web
