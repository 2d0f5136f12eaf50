#include "ingest/database/home_assistant.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/database/cell_time.hpp"
#include "ingest/database/sensor_names.hpp"
#include "ingest/limits.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {
namespace {

using storage::Value;

// States that are 1 and 0 for the integration, besides being texts.
constexpr std::string_view kOnes[] = {"on", "locked", "above_horizon", "open", "home"};
constexpr std::string_view kZeros[] = {"off", "unlocked", "below_horizon", "closed", "not_home"};
constexpr std::string_view kNothing[] = {"", "unknown", "unavailable"};

constexpr const char* kStatistics[] = {"mean", "min", "max", "sum", "state"};

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

// A table that is read one row after the other. Columns: rowid, entity, unit, seconds since 1970, time as a text, then
// what is its own.
struct Part {
    std::string_view table;
    std::string sql;
    std::string suffix;  // of fields: the same name must not mean two lengths of time
};
enum Column { kRow, kEntity, kUnit, kSeconds, kTimeText, kFirstOwn };

class Schema {
  public:
    static Result<Schema> of(SqliteFile& file, std::string_view table) {
        auto columns = file.columns(table);
        if (!columns) return failure(std::move(columns));
        Schema schema;
        for (auto& column : *columns) schema.names_.push_back(std::move(column.name));
        return schema;
    }
    bool empty() const { return names_.empty(); }
    bool has(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }
    // The column of the table `alias`; NULL where this version has none.
    std::string column(std::string_view alias, std::string_view name) const {
        return has(name) ? fmt::format("{}.{}", alias, quoted_name(name)) : "NULL";
    }

  private:
    std::vector<std::string> names_;
};

std::unexpected<Error> strange(std::string_view table, std::string_view what) {
    return failure(ErrorKind::invalid,
                   fmt::format("table `{}` has no {}: this is no database of Home Assistant", table, what));
}

Result<std::optional<Part>> states_of(SqliteFile& file) {
    auto states = Schema::of(file, "states");
    auto meta = Schema::of(file, "states_meta");
    auto attributes = Schema::of(file, "state_attributes");
    if (!states) return failure(std::move(states));
    if (!meta) return failure(std::move(meta));
    if (!attributes) return failure(std::move(attributes));
    if (states->empty()) return std::optional<Part>{};
    if (!states->has("state")) return strange("states", "column `state`");
    const bool has_meta = states->has("metadata_id") && meta->has("entity_id");
    const bool has_attributes = states->has("attributes_id") && attributes->has("shared_attrs");
    if (!has_meta && !states->has("entity_id")) return strange("states", "entities");
    if (!states->has("last_updated_ts") && !states->has("last_updated")) return strange("states", "times");

    const std::string entity = has_meta ? fmt::format("coalesce(m.entity_id, {})", states->column("s", "entity_id"))
                                        : states->column("s", "entity_id");
    const std::string json = has_attributes
                                 ? fmt::format("coalesce(a.shared_attrs, {})", states->column("s", "attributes"))
                                 : states->column("s", "attributes");
    Part part{.table = "states", .sql = {}, .suffix = {}};
    part.sql = fmt::format(
        "SELECT s.rowid, {0}, CASE WHEN json_valid({1}) THEN json_extract({1}, '$.unit_of_measurement') END, {2}, {3}, "
        "s.state "
        "FROM states s {4} {5} ORDER BY s.rowid",
        entity, json, states->column("s", "last_updated_ts"), states->column("s", "last_updated"),
        has_meta ? "LEFT JOIN states_meta m ON m.metadata_id = s.metadata_id" : "",
        has_attributes ? "LEFT JOIN state_attributes a ON a.attributes_id = s.attributes_id" : "");
    return part;
}

Result<std::optional<Part>> statistics_of(SqliteFile& file, std::string_view table, std::string suffix) {
    auto own = Schema::of(file, table);
    auto meta = Schema::of(file, "statistics_meta");
    if (!own) return failure(std::move(own));
    if (!meta) return failure(std::move(meta));
    // The very first statistics had no table of their names.
    if (own->empty() || meta->empty()) return std::optional<Part>{};
    if (!own->has("metadata_id") || !meta->has("statistic_id")) return strange(table, "column `metadata_id`");
    if (!own->has("start_ts") && !own->has("start")) return strange(table, "times");
    Part part{.table = table, .sql = {}, .suffix = std::move(suffix)};
    part.sql = fmt::format("SELECT s.rowid, m.statistic_id, {}, {}, {}", meta->column("m", "unit_of_measurement"),
                           own->column("s", "start_ts"), own->column("s", "start"));
    for (const char* name : kStatistics) part.sql += ", " + own->column("s", name);
    part.sql += fmt::format(" FROM {} s LEFT JOIN statistics_meta m ON m.id = s.metadata_id ORDER BY s.rowid",
                            quoted_name(table));
    return part;
}

class HomeAssistantReader final : public DatabaseReader {
  public:
    HomeAssistantReader(SqliteFile file, std::vector<Part> parts) : file_(std::move(file)), parts_(std::move(parts)) {
        for (const Part& part : parts_) expect(file_.last_row(part.table));
    }

    Result<bool> read(storage::Batch& batch, std::size_t points) override {
        forget_places();
        names_.start_batch();
        while (batch.size() < points) {
            if (!rows_) {
                if (part_ == parts_.size()) return false;
                auto rows = file_.query(parts_[part_].sql);
                if (!rows) return failure(std::move(rows));
                rows_.emplace(std::move(*rows));
            }
            auto row = rows_->next();
            if (!row) return row;
            if (*row) {
                take_row(batch);
            } else {
                rows_.reset();
                ++part_;
            }
        }
        return true;
    }

  private:
    void take_row(storage::Batch& batch) {
        const Part& part = parts_[part_];
        origin_ = start_row(part.table, rows_->integer(kRow));
        const auto time = rows_->type(kSeconds) == Rows::Type::null ? time_of_text(rows_->text(kTimeText))
                                                                    : time_of_real(rows_->real(kSeconds));
        const bool is_state = part.table == "states";
        if (is_state && is_one_of(kNothing, rows_->text(kFirstOwn))) return skip();
        if (!time) return refuse("its time is none");
        const auto sensor = sensor_of(rows_->text(kEntity), rows_->text(kUnit));
        if (!sensor) return refuse(sensor.error().message);
        const auto taken = is_state ? take_state(*sensor, *time, batch) : take_statistics(*sensor, *time, batch);
        if (!taken) refuse(taken.error().message);
    }

    // "°C,domain=sensor,entity_id=kitchen_temperature"; without a unit, the whole name is the measurement. Statistics
    // that come from elsewhere have a colon in their name.
    static Result<std::string> sensor_of(std::string_view entity, std::string_view unit) {
        const std::size_t cut = entity.find_first_of(".:");
        if (cut == std::string_view::npos || cut == 0 || cut + 1 == entity.size())
            return failure(ErrorKind::invalid, fmt::format("`{}` is no entity", entity.substr(0, 80)));
        return storage::canonical(
            {std::string(unit.empty() ? entity : unit),
             {{"domain", std::string(entity.substr(0, cut))}, {"entity_id", std::string(entity.substr(cut + 1))}}});
    }

    Result<> take_state(const std::string& sensor, Nanoseconds time, storage::Batch& batch) {
        const std::string_view state = rows_->text(kFirstOwn);
        if (const auto number = parse_double(trim(state))) {
            if (!std::isfinite(*number)) {
                skip();
                return {};
            }
            return add(sensor, "value", time, Value::of(*number), batch);
        }
        if (state.size() > kTextBytesMax) return failure(ErrorKind::too_large, "its state is too long");
        if (!is_utf8(state)) return failure(ErrorKind::invalid, "its state is not UTF-8");
        if (is_one_of(kOnes, state) || is_one_of(kZeros, state)) {
            const Value number = Value::of(is_one_of(kOnes, state) ? 1.0 : 0.0);
            if (auto added = add(sensor, "value", time, number, batch); !added) return added;
        }
        return add(sensor, "state", time, Value::of(state), batch);
    }

    Result<> take_statistics(const std::string& sensor, Nanoseconds time, storage::Batch& batch) {
        bool has_value = false;
        for (int i = 0; i < static_cast<int>(std::size(kStatistics)); ++i) {
            const auto type = rows_->type(kFirstOwn + i);
            if (type != Rows::Type::real && type != Rows::Type::integer) continue;
            has_value = true;
            const std::string field = kStatistics[i] + parts_[part_].suffix;
            auto added = add(sensor, field, time, Value::of(rows_->real(kFirstOwn + i)), batch);
            if (!added) return added;
        }
        if (!has_value) skip();
        return {};
    }

    Result<> add(const std::string& sensor, std::string_view field, Nanoseconds time, const Value& value,
                 storage::Batch& batch) {
        const auto series = names_.series(sensor, field, batch);
        if (!series) return failure(series.error().kind, series.error().message);
        batch.add(*series, time, value, origin_);
        return {};
    }

    SqliteFile file_;
    std::vector<Part> parts_;
    std::size_t part_ = 0;
    std::optional<Rows> rows_;
    std::uint32_t origin_ = 0;
    SensorNames names_;
};

}  // namespace

Result<std::unique_ptr<DatabaseReader>> open_home_assistant(SqliteFile file) {
    std::vector<Part> parts;
    const auto take = [&](Result<std::optional<Part>> part) -> Result<> {
        if (!part) return failure(std::move(part));
        if (*part) parts.push_back(std::move(**part));
        return {};
    };
    if (auto r = take(states_of(file)); !r) return failure(std::move(r));
    if (auto r = take(statistics_of(file, "statistics", "")); !r) return failure(std::move(r));
    if (auto r = take(statistics_of(file, "statistics_short_term", "_5min")); !r) return failure(std::move(r));
    return std::make_unique<HomeAssistantReader>(std::move(file), std::move(parts));
}

}  // namespace pomiar::ingest
