// Random statements over the virtual table and over a plain table of SQLite that holds the same readings: the same
// answers. What repeats a failure is printed with its statement.
#include <algorithm>
#include <limits>
#include <random>
#include <set>

#include <sqlite3.h>

#include "base/text.hpp"
#include "sql/created_at.hpp"
#include "sql/selection.hpp"
#include "sql/session_fixture.hpp"

namespace pomiar::sql {
namespace {

using storage::Value;
using test::kStart;

struct Name {
    const char* sensor;
    const char* field;
};
constexpr Name kNames[] = {
    {"climate,floor=1,room=kitchen", "temperature"},
    {"climate,floor=1,room=kitchen", "humidity"},
    {"climate,floor=2,room=attic", "temperature"},
    {"climate", "temperature"},
    {"door", "open"},
    {"log", "message"},
    {"power,phase=L1", "watts"},
    {"Power,phase=L1", "watts"},
};
constexpr const char* kTableColumns = "created_at, sensor, measurement, tags, field, value, time";

class TableModelTest : public test::SessionFixture {
  protected:
    void SetUp() override {
        SessionFixture::SetUp();
        ASSERT_EQ(sqlite3_open(":memory:", &plain_), SQLITE_OK);
        run("CREATE TABLE measurements (created_at TEXT, sensor TEXT, measurement TEXT, tags TEXT, field TEXT, value, "
            "time INTEGER, UNIQUE (sensor, field, time) ON CONFLICT REPLACE)");
    }
    void TearDown() override { sqlite3_close(plain_); }

    std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

    void run(const std::string& sql) {
        char* message = nullptr;
        ASSERT_EQ(sqlite3_exec(plain_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message << "\n" << sql;
    }

    Value random_value(std::size_t series) {
        if (series == 4) return Value::of(pick(2) == 0);
        if (series == 5) return Value::of(kTexts[pick(4)]);
        switch (pick(3)) {
            case 0:
                return Value::of(static_cast<double>(pick(400)) / 10 + 0.05);
            case 1:
                return Value::of(static_cast<std::int64_t>(pick(50)) - 10);
            default:
                return Value::of(std::uint64_t{pick(30)});
        }
    }

    // Readings of all series, some of the same instants and some twice, partly in blocks and partly not.
    void fill(std::size_t count) {
        for (std::size_t part = 0; part < 4; ++part) {
            storage::Batch batch;
            for (std::size_t i = 0; i < count / 4; ++i) {
                const std::size_t series = pick(std::size(kNames));
                const Nanoseconds unit = kUnits[pick(4)];
                const Nanoseconds time = kStart + static_cast<Nanoseconds>(pick(3'000)) * unit;
                const Value value = random_value(series);
                batch.add(batch.add_series(kNames[series].sensor, kNames[series].field), time, value, 1);
                insert(series, time, value);
            }
            put(std::move(batch));
            if (part < 3) {
                ASSERT_TRUE(store->seal());
            }
        }
    }

    void insert(std::size_t name, Nanoseconds time, const Value& value) {
        const Series series = describe({0, kNames[name].sensor, kNames[name].field, storage::SeriesType::number});
        sqlite3_stmt* statement = nullptr;
        ASSERT_EQ(sqlite3_prepare_v2(plain_, "INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &statement,
                                     nullptr),
                  SQLITE_OK);
        int column = 0;
        for (const std::string& text :
             {format_created_at(time), series.info.sensor, series.measurement, series.tags, series.info.field})
            sqlite3_bind_text(statement, ++column, text.c_str(), -1, SQLITE_TRANSIENT);
        if (value.kind == storage::ValueKind::float64) {
            sqlite3_bind_double(statement, 6, value.as_double());
        } else if (value.kind == storage::ValueKind::text) {
            sqlite3_bind_text(statement, 6, value.text.data(), static_cast<int>(value.text.size()), SQLITE_TRANSIENT);
        } else {
            sqlite3_bind_int64(statement, 6, static_cast<sqlite3_int64>(value.bits));
        }
        sqlite3_bind_int64(statement, 7, time);
        ASSERT_EQ(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_finalize(statement);
    }

    std::string ask_plain(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(plain_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
            return sqlite3_errmsg(plain_);
        std::string out;
        const auto writer = answer_writer(AnswerFormat::list, out);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            std::vector<Cell> cells;
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                const int type = sqlite3_column_type(statement, i);
                Cell cell;
                if (type == SQLITE_INTEGER)
                    cell = {.kind = Cell::Kind::integer, .integer = sqlite3_column_int64(statement, i)};
                if (type == SQLITE_FLOAT)
                    cell = {.kind = Cell::Kind::real, .real = sqlite3_column_double(statement, i)};
                if (type == SQLITE_TEXT)
                    cell = {.kind = Cell::Kind::text,
                            .bytes = {reinterpret_cast<const char*>(sqlite3_column_text(statement, i)),
                                      static_cast<std::size_t>(sqlite3_column_bytes(statement, i))}};
                cells.push_back(cell);
            }
            EXPECT_TRUE(writer->row(cells));
        }
        sqlite3_finalize(statement);
        return out;
    }

    std::string random_time() {
        return format_created_at(kStart + static_cast<Nanoseconds>(pick(3'000)) * kUnits[pick(4)]);
    }
    std::string random_comparison() {
        constexpr const char* kCompare[] = {"=", "<", "<=", ">", ">=", "<>", "IS"};
        const std::string compare = kCompare[pick(7)];
        const auto& name = kNames[pick(std::size(kNames))];
        switch (pick(12)) {
            case 0:
            case 1:
                return fmt::format("sensor {} '{}'", pick(3) == 0 ? compare : "=", name.sensor);
            case 2:
                return fmt::format("field {} '{}'", pick(3) == 0 ? compare : "=", name.field);
            case 3:
            case 4:
                return fmt::format("created_at {} '{}'", compare, random_time());
            case 5:
                return fmt::format("time {} {}", compare,
                                   kStart + static_cast<Nanoseconds>(pick(3'000)) * kUnits[pick(4)]);
            case 6:
                return fmt::format("time {} {}", compare,
                                   static_cast<double>(kStart) + static_cast<double>(pick(3'000)) * 1e9);
            case 7:
                return fmt::format("created_at BETWEEN '{}' AND '{}'", random_time(), random_time());
            case 8:
                return fmt::format("value {} {}", compare, static_cast<int>(pick(40)) - 5);
            case 9:
                return fmt::format("measurement IN ('climate', 'power', '{}')", name.sensor);
            case 10:
                return fmt::format("sensor {}",
                                   std::array{"LIKE 'CLI%'", "GLOB 'cli*'", "LIKE '%=L_'", "NOT LIKE 'c%'"}[pick(4)]);
            default:
                return fmt::format("tags ->> 'room' {} 'kitchen'", compare);
        }
    }
    std::string random_condition(int depth = 0) {
        std::string condition = random_comparison();
        while (pick(3) != 0) {
            const std::string other =
                depth < 2 && pick(4) == 0 ? fmt::format("({})", random_condition(depth + 1)) : random_comparison();
            condition += fmt::format(" {} {}", pick(4) == 0 ? "OR" : "AND", other);
        }
        return pick(8) == 0 ? fmt::format("NOT ({})", condition) : condition;
    }
    std::string random_order() {
        constexpr const char* kKeys[] = {"created_at",  "time", "sensor", "field",
                                         "measurement", "tags", "value",  "value * 2"};
        std::string order;
        std::set<std::size_t> used;
        do {
            const std::size_t key = pick(4) == 0 ? pick(8) : pick(5);
            if (!used.insert(key).second) continue;
            order += fmt::format("{}{}{}", order.empty() ? "" : ", ", kKeys[key], pick(2) == 0 ? "" : " DESC");
        } while (pick(2) == 0);
        return order;
    }

    std::mt19937_64 random_;
    sqlite3* plain_ = nullptr;
    static constexpr Nanoseconds kUnits[] = {1, 1'000, kMillisecond, kSecond};
    static constexpr std::string_view kTexts[] = {"on", "off", "it's \"broken\"", "küche"};
};

// Nothing, or where two answers part.
std::string difference(std::vector<std::string> found, std::vector<std::string> wanted) {
    if (found == wanted) return "";
    const auto [a, b] = std::ranges::mismatch(found, wanted);
    return fmt::format("row {} of {}: `{}`, not `{}` of {}", a - found.begin(), found.size(),
                       a == found.end() ? "" : *a, b == wanted.end() ? "" : *b, wanted.size());
}
std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    for (const std::string_view line : split(text, '\n')) all.emplace_back(line);
    return all;
}

std::vector<std::string> sorted_lines(const std::string& text) {
    auto all = lines(text);
    std::ranges::sort(all);
    return all;
}

std::string keys_of(std::string order) {
    for (std::size_t at = 0; (at = order.find(" DESC")) != std::string::npos;) order.erase(at, 5);
    return order;
}

TEST_F(TableModelTest, RandomStatementsAnswerAsAPlainTableDoes) {
    const std::uint64_t seed = std::random_device{}();
    random_.seed(seed);
    fill(1'500);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        const std::string where = pick(8) == 0 ? "" : " WHERE " + random_condition();
        const std::string order = random_order();
        const std::string rows = fmt::format("SELECT {} FROM measurements{}", kTableColumns, where);
        SCOPED_TRACE(fmt::format("seed {}: {} ORDER BY {}", seed, rows, order));
        const std::string plain = ask_plain(rows);
        ASSERT_EQ(difference(sorted_lines(ask(rows)), sorted_lines(plain)), "");
        // Rows that are equal in their keys come in any order.
        const std::string keys = fmt::format("SELECT {} FROM measurements{} ORDER BY {}", keys_of(order), where, order);
        ASSERT_EQ(difference(lines(ask(keys)), lines(ask_plain(keys))), "");
        ASSERT_EQ(difference(sorted_lines(ask(rows + " ORDER BY " + order)), sorted_lines(plain)), "");
        const std::string limited = fmt::format("{} LIMIT {} OFFSET {}", keys, pick(20), pick(300));
        ASSERT_EQ(difference(lines(ask(limited)), lines(ask_plain(limited))), "");
    }
}

TEST_F(TableModelTest, RandomGroupsAndSetsAreThoseOfAPlainTable) {
    const std::uint64_t seed = std::random_device{}();
    random_.seed(seed);
    fill(1'500);
    constexpr const char* kForms[] = {
        "SELECT DISTINCT {0} FROM measurements{1}",
        "SELECT DISTINCT {0} FROM measurements{1} ORDER BY {0}",
        "SELECT {0}, count(*), min(value), max(created_at), min(time) FROM measurements{1} GROUP BY {0}",
        "SELECT count(*), count(DISTINCT sensor), max(created_at) FROM measurements{1}",
        "SELECT a.sensor, count(*) FROM (SELECT DISTINCT sensor FROM measurements) a JOIN measurements b ON a.sensor = "
        "b.sensor "
        "GROUP BY a.sensor",
        "SELECT sensor, field FROM measurements{1} UNION SELECT tags, 'x' FROM measurements",
        "SELECT DISTINCT sensor FROM measurements m WHERE EXISTS (SELECT 1 FROM measurements n WHERE n.sensor = "
        "m.sensor AND "
        "n.value > 35)",
        "SELECT (SELECT max(created_at) FROM measurements), min(created_at) FROM measurements{1}",
    };
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
        const std::string where = pick(3) == 0 ? "" : " WHERE " + random_condition();
        const std::string keys = keys_of(random_order());
        const std::string sql = fmt::format(fmt::runtime(kForms[pick(std::size(kForms))]), keys, where);
        SCOPED_TRACE(fmt::format("seed {}: {}", seed, sql));
        const std::string found = ask(sql);
        const std::string plain = ask_plain(sql);
        const bool is_ordered = sql.find("ORDER BY") != std::string::npos;
        ASSERT_EQ(
            is_ordered ? difference(lines(found), lines(plain)) : difference(sorted_lines(found), sorted_lines(plain)),
            "");
    }
}

TEST_F(TableModelTest, LongWalksGoOverManyPages) {
    random_.seed(3);
    storage::Batch batch;
    for (Nanoseconds i = 0; i < 30'000; ++i) {
        for (std::size_t series = 0; series < 3; ++series)
            batch.add(batch.add_series(kNames[series].sensor, kNames[series].field), kStart + i * kSecond,
                      Value::of(static_cast<std::int64_t>(i)), 1);
    }
    put(std::move(batch));
    ASSERT_TRUE(store->seal());
    EXPECT_EQ(ask("SELECT count(*), sum(value) FROM measurements"), "90000|1349955000\n");
    EXPECT_EQ(
        ask("SELECT count(*) FROM (SELECT value, lag(value, 3) OVER (ORDER BY created_at) AS before FROM measurements) "
            "WHERE before IS NULL OR value = before + 1"),
        "90000\n");
    EXPECT_EQ(ask("SELECT value FROM measurements ORDER BY created_at DESC LIMIT 7"),
              "29999\n29999\n29999\n29998\n29998\n29998\n29997\n");
    EXPECT_EQ(
        ask("SELECT count(*) FROM (SELECT value, lag(value, 3) OVER (ORDER BY time DESC) AS before FROM measurements) "
            "WHERE before IS NULL OR value = before - 1"),
        "90000\n");
    EXPECT_EQ(ask("SELECT min(value) FROM (SELECT value FROM measurements WHERE sensor = 'climate,floor=2,room=attic' "
                  "ORDER BY "
                  "created_at DESC LIMIT 25000)"),
              "5000\n");
}

}  // namespace
}  // namespace pomiar::sql
