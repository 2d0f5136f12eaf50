#include "storage/sealer.hpp"

namespace pomiar::storage {

Result<Sealer> Sealer::open(Connection database, SeriesId series_saved, State& state) {
    auto blocks = BlockWriter::open(database);
    if (!blocks) return failure(std::move(blocks));
    return Sealer(std::move(database), std::move(*blocks), series_saved, state);
}

Result<> Sealer::seal(Position end, const std::function<void()>& meanwhile) {
    if (!committed_) {
        if (auto r = transact(end, meanwhile); !r) return r;
        committed_ = true;
    }
    // Before a segment is reused its readings must be in the database file itself, synced.
    if (auto r = database_.checkpoint(); !r) return r;
    committed_ = false;
    return {};
}

Result<> Sealer::transact(Position end, const std::function<void()>& meanwhile) {
    std::vector<SeriesInfo> new_series;
    {
        const std::lock_guard lock(state_->mutex);
        const auto& all = state_->catalog.all();
        new_series.assign(all.begin() + series_saved_, all.end());
    }
    auto transaction = Transaction::begin(database_);
    if (!transaction) return failure(std::move(transaction));
    if (auto r = save_series(new_series); !r) return r;
    for (SeriesId id = 1; id <= state_->sealing.size(); ++id) {
        const Head& head = state_->sealing[id - 1];
        if (head.empty()) continue;
        if (auto r = blocks_.merge(id, head.sorted(kAllTime)); !r) return r;
        meanwhile();
    }
    if (auto r = save_released(end); !r) return r;
    if (auto r = transaction->commit(); !r) return r;

    // A reader sees the readings in both places for a moment, never in neither.
    const std::lock_guard lock(state_->mutex);
    state_->sealing.clear();
    ++state_->seal_epoch;
    series_saved_ += static_cast<SeriesId>(new_series.size());
    return {};
}

Result<> Sealer::save_series(const std::vector<SeriesInfo>& series) {
    auto insert = database_.prepare("INSERT INTO series (id, sensor, field, type) VALUES (?1, ?2, ?3, ?4)");
    if (!insert) return failure(std::move(insert));
    for (const SeriesInfo& info : series) {
        if (info.sensor.empty()) continue;  // its definition is lost
        insert->bind(1, std::int64_t{info.id})
            .bind_text(2, info.sensor)
            .bind_text(3, info.field)
            .bind(4, static_cast<std::int64_t>(info.type));
        if (auto r = insert->run(); !r) return r;
    }
    return {};
}

Result<> Sealer::save_released(Position end) {
    auto save = database_.prepare(
        "INSERT INTO meta (key, value) VALUES ('released', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1");
    if (!save) return failure(std::move(save));
    return save->bind(1, static_cast<std::int64_t>(end)).run();
}

}  // namespace pomiar::storage
