#include "web/api/api_measurements.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <fmt/core.h>

#include "base/text.hpp"
#include "query/range.hpp"
#include "query/reading_format.hpp"
#include "web/access/guard.hpp"
#include "web/api/csv_download.hpp"
#include "web/api/csv_text.hpp"
#include "web/api/json_text.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

constexpr std::uint32_t kRowsUsual = 1'000;

struct ReadingsQuestion {
    std::string sensor;
    std::string field;
    std::string only;  // the part of all sensors that the asker may see
    query::RawQuery raw;
    bool csv = false;
    bool is_file = false;   // a browser saves it
    bool is_whole = false;  // not in pages
    bool columns = false;
};

// The page as text, and where it goes on.
struct Answer {
    std::string body;
    std::string next;
    std::optional<Error> damage;
};

Result<ReadingsQuestion> parse_readings(const http::Request& request, Nanoseconds now) {
    if (auto known = only_parameters(request, {"sensor", "field", "from", "to", "limit", "next", "columns", "format"});
        !known) {
        return failure(std::move(known));
    }
    ReadingsQuestion question;
    question.sensor = request.query("sensor").value_or("");
    question.field = request.query("field").value_or("");
    const std::string format = request.query("format").value_or("");
    if (!format.empty() && format != "csv" && format != "json")
        return failure(ErrorKind::invalid, "format: must be csv or json");
    question.csv = format.empty() ? wants_csv(request) : format == "csv";
    question.is_file = format == "csv";
    question.is_whole = question.is_file && !request.query("limit") && !request.query("next");
    const std::string columns = request.query("columns").value_or("false");
    if (columns != "true" && columns != "false") return failure(ErrorKind::invalid, "columns: must be true or false");
    question.columns = columns == "true";
    auto range = query::parse_range(request.query("from").value_or(""), request.query("to").value_or(""), now,
                                    storage::kAllTime);
    if (!range) return failure(std::move(range));
    question.raw.range = *range;
    auto limit = count_parameter(request, "limit", kRowsUsual, query::kRowsMax);
    if (!limit) return failure(std::move(limit));
    question.raw.limit = *limit;
    if (const auto next = request.query("next"); next && !next->empty()) {
        auto position = query::parse_position(*next);
        if (!position) return failure(std::move(position));
        question.raw.after = *position;
    }
    return question;
}

Result<Answer> answer(storage::Snapshot& snapshot, const ReadingsQuestion& question) {
    auto series = query::select_series(snapshot, question.sensor, question.field, question.only);
    if (!series) return failure(std::move(series));
    if (question.columns && series->size() != 1)
        return failure(ErrorKind::invalid, fmt::format("columns: are of one series, these are {}", series->size()));
    auto page = query::read_page(snapshot, std::move(*series), question.raw);
    if (!page) return failure(std::move(page));
    return Answer{question.csv       ? page_as_csv(*page)
                  : question.columns ? page_as_columns(*page)
                                     : page_as_json(*page),
                  page->next ? query::format_position(*page->next) : std::string(), std::move(page->damage)};
}

// Where the next page is (RFC 8288): for CSV, which has no place for it.
std::string link_to(const http::Request& request, const std::string& next) {
    std::string target(request.path);
    target += '?';
    for (const auto& [name, value] : request.query_pairs()) {
        if (name != "next") target += fmt::format("{}={}&", percent_encode(name), percent_encode(value));
    }
    return fmt::format("<{}next={}>; rel=\"next\"", target, next);
}

}  // namespace

// Where the next page is, and what is missing.
static void append_end(std::string& out, const query::Page& page) {
    if (page.next) out += fmt::format(",\"next\":\"{}\"", query::format_position(*page.next));
    if (page.damage) {
        out += ",\"incomplete\":";
        append_json_string(out, page.damage->message);
    }
    out += "}\n";
}

std::string page_as_columns(const query::Page& page) {
    constexpr std::size_t kBytesPerReading = 24;  // mostly
    std::string out;
    out.reserve(page.readings.size() * kBytesPerReading);
    out += "{\"sensor\":";
    append_json_string(out, page.series.front().sensor);
    out += ",\"field\":";
    append_json_string(out, page.series.front().field);
    out += ",\"time\":[";
    for (std::size_t i = 0; i < page.readings.size(); ++i) {
        if (i != 0) out += ',';
        append_milliseconds(out, page.readings.times[i]);
    }
    out += "],\"value\":[";
    for (std::size_t i = 0; i < page.readings.size(); ++i) {
        if (i != 0) out += ',';
        append_json_value(out, page.readings.value(i));
    }
    out += ']';
    append_end(out, page);
    return out;
}

// What stands between time and value in each of a series' rows.
static std::string json_between(const storage::SeriesInfo& series) {
    std::string out = ",\"sensor\":";
    append_json_string(out, series.sensor);
    out += ",\"field\":";
    append_json_string(out, series.field);
    return out += ",\"value\":";
}

std::string page_as_json(const query::Page& page) {
    constexpr std::size_t kBytesAround = 64;  // of time, value and marks, mostly
    std::vector<std::string> between(page.series.size());
    std::string out = "{\"measurements\":[";
    for (std::size_t i = 0; i < page.readings.size(); ++i) {
        std::string& own = between[page.series_of[i]];
        if (own.empty()) own = json_between(page.series[page.series_of[i]]);
        if (i == 0) out.reserve(page.readings.size() * (own.size() + kBytesAround));
        out += i == 0 ? "\n{\"time\":" : ",\n{\"time\":";
        append_json_time(out, page.readings.times[i]);
        out += own;
        append_json_value(out, page.readings.value(i));
        out += '}';
    }
    out += "]";
    append_end(out, page);
    return out;
}

std::string page_as_csv(const query::Page& page) {
    std::string out(query::reading_header(query::ReadingFormat::csv));
    append_page_as_csv(out, page);
    return out;
}

void append_page_as_csv(std::string& out, const query::Page& page) {
    constexpr auto kCsv = query::ReadingFormat::csv;
    std::vector<std::optional<query::ReadingWriter>> writers(page.series.size());
    for (std::size_t i = 0; i < page.readings.size(); ++i) {
        const std::uint32_t series = page.series_of[i];
        if (!writers[series]) {
            auto writer = query::ReadingWriter::create(kCsv, page.series[series].sensor, page.series[series].field);
            if (!writer) continue;  // not a name that the store gives
            writers[series] = std::move(*writer);
        }
        writers[series]->append(out, page.readings.times[i], page.readings.value(i));
    }
}

namespace {

Task<http::Response> download(std::shared_ptr<CsvDownload> file, std::string attachment) {
    const Result<> begun = co_await file->begin();
    if (!begun) co_return refuse(begun.error());
    http::Response response;
    response.header("Content-Type", kCsvType);
    response.header("Content-Disposition", attachment);
    response.header("Cache-Control", "no-store");
    tell_incomplete(response, file->damage());
    response.pieces = std::move(file);
    co_return response;
}

}  // namespace

Task<http::Response> MeasurementsApi::get(http::Request& request) {
    auto question = parse_readings(request, context_.clock.now());
    if (!question) co_return refuse(question.error());
    question->only = access::principal_of(request).only;
    if (!question->sensor.starts_with(question->only) && !question->sensor.empty()) {
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not read `{}`", question->sensor)});
    }
    std::string attachment;
    if (question->is_file) attachment = csv_attachment(question->sensor, question->field);
    if (question->is_whole) {
        auto file = std::make_shared<CsvDownload>(
            context_, CsvDownload::Question{question->sensor, question->field, question->only, question->raw.range});
        co_return co_await download(std::move(file), std::move(attachment));
    }
    const bool csv = question->csv;
    auto job = [question = std::move(*question)](storage::Snapshot& snapshot) { return answer(snapshot, question); };
    auto reading = read(context_.store, context_.loop, std::move(job));
    auto page = co_await reading;
    if (!page) co_return refuse(page.error());
    http::Response response =
        csv ? http::Response::bytes(kCsvType, std::move(page->body)) : http::Response::json(std::move(page->body));
    response.compress = true;
    response.header("Cache-Control", "no-store");
    response.header("Vary", "Accept");
    if (!attachment.empty()) response.header("Content-Disposition", attachment);
    tell_incomplete(response, page->damage);
    if (!page->next.empty()) response.header("Link", link_to(request, page->next));
    co_return response;
}

}  // namespace pomiar::web
