#include "ingest/database/measurements_table.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/database/cell_time.hpp"
#include "ingest/database/cell_value.hpp"
#include "ingest/database/sensor_names.hpp"
#include "ingest/database/table_walk.hpp"
#include "ingest/limits.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::string_view kTable = "measurements";

// Names of columns, the surest first.
constexpr std::string_view kTimes[] = {"created_at", "timestamp", "time",  "measured_at",  "recorded_at",
                                       "datetime",   "date_time", "ts",    "timestamp_ms", "time_ms",
                                       "ts_s",       "ts_ms",     "ts_us", "ts_ns",        "date"};
constexpr std::string_view kSensors[] = {"sensor",    "sensor_name", "sensor_id", "device", "device_name",
                                         "device_id", "entity_id",   "station",   "node",   "source"};
constexpr std::string_view kFields[] = {"field",       "metric", "quantity", "parameter",
                                        "sensor_type", "type",   "kind",     "measurement"};
constexpr std::string_view kValues[] = {"value", "reading", "val"};
constexpr std::string_view kIds[] = {"id", "rowid", "uuid"};

struct FixedUnit {
    std::string_view column;
    Nanoseconds unit;
};
// Columns whose names say what their integers count.
constexpr FixedUnit kUnits[] = {{"ts_s", kSecond}, {"ts_ms", kMillisecond},        {"ts_us", 1'000},
                                {"ts_ns", 1},      {"timestamp_ms", kMillisecond}, {"time_ms", kMillisecond}};

constexpr std::size_t kNone = ~std::size_t{0};

using Columns = std::vector<SqliteFile::Column>;

// What the columns are, as indexes of the query's.
struct Layout {
    struct Field {
        int column;
        std::string name;
        bool is_boolean;
    };
    int time = 0;
    Nanoseconds time_unit = 0;  // 0: told by the size
    std::optional<int> sensor;
    std::optional<int> field;
    std::optional<int> type;    // float, int, uint, bool, text
    std::vector<Field> values;  // one, with `field`; else each is a field of its name
    std::string sql;
    std::string rowid;  // its name; a view has none
};

std::optional<std::size_t> find(const Columns& columns, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (equal_ignoring_case(columns[i].name, name)) return i;
        }
    }
    return std::nullopt;
}

// What a column holds: its own text, or of "sensor_id" the name in a table `sensors`, if there is one.
std::string expression(SqliteFile& file, const SqliteFile::Column& column) {
    std::string own = fmt::format("m.{}", quoted_name(column.name));
    for (const auto& [id, table] : {std::pair{"sensor_id", "sensors"}, std::pair{"device_id", "devices"}}) {
        if (!equal_ignoring_case(column.name, id)) continue;
        const auto others = file.columns(table);
        constexpr std::string_view kId[] = {"id"};
        constexpr std::string_view kName[] = {"name"};
        if (!others || !find(*others, kId) || !find(*others, kName)) continue;
        return fmt::format("coalesce((SELECT name FROM {} WHERE id = {}), {})", table, own, own);
    }
    return own;
}

bool is_boolean(const SqliteFile::Column& column) {
    return lower(column.declared_type).starts_with("bool");
}

// What SQLite numbers the rows by: of the names that it has for that the first that is not a column of the user's.
std::string rowid_of(SqliteFile& file, const Columns& columns) {
    for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
        const std::string_view one[] = {name};
        if (find(columns, one)) continue;
        if (!file.query(fmt::format("SELECT {} FROM {} LIMIT 0", name, kTable))) return {};
        return fmt::format("m.{}", name);
    }
    return {};
}

Result<Layout> layout_of(SqliteFile& file) {
    auto columns = file.columns(kTable);
    if (!columns) return failure(std::move(columns));
    const auto time = find(*columns, kTimes);
    if (!time)
        return failure(ErrorKind::invalid,
                       "table `measurements` has no column of times: it may be called created_at, timestamp or time");
    const std::size_t sensor = find(*columns, kSensors).value_or(kNone);
    auto value = find(*columns, kValues);
    // Without a column of values, each column is a field.
    const std::size_t field = value ? find(*columns, kFields).value_or(kNone) : kNone;

    Layout layout;
    int next = 0;
    const auto select = [&](const std::string& what) {
        layout.sql += (layout.sql.empty() ? "SELECT " : ", ") + what;
        return next++;
    };
    const auto column = [&](std::size_t i) { return fmt::format("m.{}", quoted_name((*columns)[i].name)); };
    layout.rowid = rowid_of(file, *columns);
    select(layout.rowid.empty() ? "NULL" : layout.rowid);
    layout.time = select(column(*time));
    for (const FixedUnit& fixed : kUnits) {
        if (equal_ignoring_case((*columns)[*time].name, fixed.column)) layout.time_unit = fixed.unit;
    }
    if (sensor != kNone) layout.sensor = select(expression(file, (*columns)[sensor]));
    if (field != kNone) layout.field = select(column(field));
    for (std::size_t i = 0; i < columns->size(); ++i) {
        const auto& [name, type] = (*columns)[i];
        const bool is_taken = i == *time || i == sensor || i == field;
        if (value && i != *value) {
            const bool is_type = equal_ignoring_case(name, "type") && !is_taken;
            if (is_type) layout.type = select(column(i));
            continue;
        }
        const std::string_view one[] = {name};
        const bool is_id =
            std::ranges::any_of(kIds, [&](std::string_view id) { return equal_ignoring_case(id, name); });
        if (is_taken || (!value && is_id)) continue;
        layout.values.push_back({select(column(i)), value ? "value" : std::string(one[0]), is_boolean((*columns)[i])});
    }
    if (layout.values.empty()) return failure(ErrorKind::invalid, "table `measurements` has no column of values");
    layout.sql += " FROM measurements m";
    return layout;
}

// Of two rows of one instant the one that was written last stays: so they come in that order, whatever index there is.
class MeasurementsReader final : public DatabaseReader {
  public:
    MeasurementsReader(std::unique_ptr<SqliteFile> file, Layout layout, TableWalk walk)
        : file_(std::move(file)), layout_(std::move(layout)), walk_(std::move(walk)) {
        expect(file_->last_row(kTable));
        if (!file_->damage().empty()) lose(0, file_->damage());
    }

    Result<bool> read(storage::Batch& batch, std::size_t points) override {
        forget_places();
        names_.start_batch();
        while (batch.size() < points) {
            auto row = walk_.next();
            if (const auto gap = walk_.take_gap()) tell_of(*gap);
            if (!row) return row;
            if (!*row) return false;
            take_row(walk_.row(), batch);
        }
        return true;
    }

  private:
    void take_row(const Rows& rows, storage::Batch& batch) {
        const std::int64_t row =
            rows.type(0) == Rows::Type::null ? static_cast<std::int64_t>(report().rows) + 1 : rows.integer(0);
        const std::uint32_t origin = start_row(kTable, row);
        const auto time = read_time(rows);
        if (!time) {
            refuse(fmt::format(
                "the time is `{}`, expected RFC 3339, `2026-11-23 18:00:00`, or a number since 1970, from 1677 to 2262",
                rows.text(layout_.time).substr(0, 40)));
            return;
        }
        const std::string sensor(layout_.sensor ? rows.text(*layout_.sensor) : kTable);
        bool has_value = false;
        std::string wrong;
        for (const Layout::Field& field : layout_.values) {
            if (rows.type(field.column) == Rows::Type::null) continue;
            has_value = true;
            const std::string name(layout_.field ? rows.text(*layout_.field) : std::string_view(field.name));
            const auto value = read_value(rows, field);
            const auto series = value ? names_.series(sensor, name, batch) : Result<std::uint32_t>(0);
            if (value && series) {
                batch.add(*series, *time, *value, origin);
            } else {
                wrong = value ? series.error().message : fmt::format("{} {}", name, value.error());
            }
        }
        if (!wrong.empty()) return refuse(wrong);
        if (!has_value) skip();
    }

    void tell_of(const TableWalk::Gap& gap) {
        if (!gap.last) return lose(1, fmt::format("row {} of {} and all after it: {}", gap.first, kTable, gap.why));
        lose(static_cast<std::uint64_t>(*gap.last - gap.first) + 1,
             fmt::format("rows {} to {} of {}: {}", gap.first, *gap.last, kTable, gap.why));
    }

    std::optional<Nanoseconds> read_time(const Rows& rows) const {
        switch (rows.type(layout_.time)) {
            case Rows::Type::integer: {
                if (layout_.time_unit == 0) return time_of_integer(rows.integer(layout_.time));
                Nanoseconds time = 0;
                const bool is_past = __builtin_mul_overflow(rows.integer(layout_.time), layout_.time_unit, &time);
                if (is_past || time < kTimeMin || time > kTimeMax) return std::nullopt;
                return time;
            }
            case Rows::Type::real:
                return time_of_real(rows.real(layout_.time));
            case Rows::Type::text:
                return time_of_text(rows.text(layout_.time));
            default:
                return std::nullopt;
        }
    }

    std::expected<storage::Value, std::string> read_value(const Rows& rows, const Layout::Field& field) const {
        const std::string_view type = layout_.type ? rows.text(*layout_.type) : std::string_view();
        return cell_value(rows, field.column, field.is_boolean || type == "bool", type);
    }

    std::unique_ptr<SqliteFile> file_;  // stays where it is: the walk asks it
    Layout layout_;
    TableWalk walk_;
    SensorNames names_;
};

}  // namespace

Result<std::unique_ptr<DatabaseReader>> open_measurements(SqliteFile file) {
    auto layout = layout_of(file);
    if (!layout) return failure(std::move(layout));
    auto kept = std::make_unique<SqliteFile>(std::move(file));
    auto walk = TableWalk::open(*kept, layout->sql, layout->rowid);
    if (!walk) return failure(std::move(walk));
    return std::make_unique<MeasurementsReader>(std::move(kept), std::move(*layout), std::move(*walk));
}

}  // namespace pomiar::ingest
