#include "sql/extension/path_source.hpp"

#include <optional>

#include "base/file.hpp"
#include "sql/snapshot_rows.hpp"
#include "storage/onlooker.hpp"

namespace pomiar::sql {
namespace {

class PathSource final : public Source {
  public:
    explicit PathSource(std::unique_ptr<storage::Onlooker> onlooker) : onlooker_(std::move(onlooker)) {}

    Result<std::vector<storage::SeriesInfo>> series() override {
        if (auto refreshed = onlooker_->refresh(); !refreshed) return failure(std::move(refreshed));
        std::vector<storage::SeriesInfo> series;
        auto done = onlooker_->read([&](storage::Snapshot& snapshot) { series = snapshot.series(); });
        if (!done) return failure(std::move(done));
        return series;
    }
    Result<query::Page> rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) override {
        std::optional<Result<query::Page>> page;
        auto done = onlooker_->read([&](storage::Snapshot& snapshot) { page = read_rows(snapshot, series, query); });
        if (!done) return failure(std::move(done));
        return std::move(*page);
    }
    Result<query::SpanPage> spans(storage::SeriesId series, const query::SpanQuery& query) override {
        std::optional<Result<query::SpanPage>> page;
        auto done = onlooker_->read([&](storage::Snapshot& snapshot) { page = read_spans(snapshot, series, query); });
        if (!done) return failure(std::move(done));
        return std::move(*page);
    }
    Result<> remove(const std::vector<storage::SeriesId>&, storage::TimeRange) override {
        return failure(ErrorKind::denied, "the readings can only be read here: `pomiar sql` deletes some");
    }

  private:
    std::unique_ptr<storage::Onlooker> onlooker_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_path(const std::string& path) {
    auto onlooker = storage::Onlooker::open(path, real_file_system());
    if (!onlooker) return failure(std::move(onlooker));
    return std::make_unique<PathSource>(std::move(*onlooker));
}

}  // namespace pomiar::sql
