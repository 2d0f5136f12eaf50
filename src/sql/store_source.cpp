#include "sql/store_source.hpp"

#include <future>

#include "sql/snapshot_rows.hpp"

namespace pomiar::sql {
namespace {

using storage::SeriesInfo;
using storage::Snapshot;

// Runs `work` on the reader thread and waits for what it gives.
template <class Answer, class Work>
Answer on_reader(storage::Store& store, Work work) {
    std::promise<Answer> promise;
    auto future = promise.get_future();
    store.read([&](Snapshot* snapshot) {
        if (snapshot == nullptr) {
            promise.set_value(failure(ErrorKind::busy, "too many wait to read: try again in a moment"));
        } else {
            promise.set_value(work(*snapshot));
        }
    });
    return future.get();
}

}  // namespace

Result<std::vector<SeriesInfo>> StoreSource::series() {
    return on_reader<Result<std::vector<SeriesInfo>>>(
        store_, [](Snapshot& snapshot) -> Result<std::vector<SeriesInfo>> { return snapshot.series(); });
}

Result<query::Page> StoreSource::rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) {
    return on_reader<Result<query::Page>>(
        store_, [&](Snapshot& snapshot) -> Result<query::Page> { return read_rows(snapshot, series, query); });
}

Result<query::SpanPage> StoreSource::spans(storage::SeriesId series, const query::SpanQuery& query) {
    return on_reader<Result<query::SpanPage>>(
        store_, [&](Snapshot& snapshot) -> Result<query::SpanPage> { return read_spans(snapshot, series, query); });
}

Result<> StoreSource::remove(const std::vector<storage::SeriesId>& series, storage::TimeRange range) {
    std::promise<Result<>> promise;
    auto future = promise.get_future();
    store_.remove(series, range, [&](Result<> removed) { promise.set_value(std::move(removed)); });
    return future.get();
}

}  // namespace pomiar::sql
