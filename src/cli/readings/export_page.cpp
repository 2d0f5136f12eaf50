#include "cli/readings/export_page.hpp"

#include <algorithm>

namespace pomiar::cli {
namespace {

using storage::Readings;

// Writes what a scan shows until the page is full.
class Writer final : public storage::Visitor {
  public:
    Writer(ExportPage& page, const query::ReadingWriter& format, storage::SeriesId series)
        : page_(page), format_(format), series_(series) {}

    bool wants_summaries() const override { return false; }
    bool take(const storage::Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            if (page_.text.size() >= kExportPageBytes) {
                page_.more = true;
                page_.series = series_;
                page_.after = readings.times[i];
                return false;
            }
            if (!format_.append(page_.text, readings.times[i], readings.value(i))) ++page_.left_out;
        }
        return true;
    }

  private:
    ExportPage& page_;
    const query::ReadingWriter& format_;
    storage::SeriesId series_;
};

}  // namespace

Result<ExportPage> export_page(storage::Snapshot& snapshot, const ExportRequest& request) {
    ExportPage page;
    for (const auto& series : snapshot.series()) {
        const bool wanted = series.id >= request.series &&
                            (request.sensor.empty() || series.sensor == request.sensor) &&
                            (request.field.empty() || series.field == request.field);
        if (!wanted) continue;
        if (page.text.size() >= kExportPageBytes) {
            page.more = true;
            page.series = series.id;
            page.after = storage::kAllTime.from;
            return page;
        }
        storage::TimeRange range = request.range;
        if (series.id == request.series) range.from = std::max(range.from, request.after);
        if (range.from >= range.to) continue;
        auto format = query::ReadingWriter::create(request.format, series.sensor, series.field);
        if (!format) return failure(std::move(format));
        Writer writer(page, *format, series.id);
        auto scanned = snapshot.scan(series.id, range, writer);
        if (!scanned && scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
        if (!scanned) page.damage = scanned.error();
        if (page.more) return page;
    }
    return page;
}

}  // namespace pomiar::cli
