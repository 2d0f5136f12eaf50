// The tables of roll-ups are what grouping the readings gives.
#include <random>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "sql/created_at.hpp"
#include "sql/session_fixture.hpp"

namespace pomiar::sql {
namespace {

using storage::Value;
using test::kStart;

class RollupsTest : public test::SessionFixture {
  protected:
    void SetUp() override {
        clock.set(kStart + 3 * kDay);  // what lies in the future has to wait
        SessionFixture::SetUp();
        std::mt19937_64 random(7);
        for (int part = 0; part < 2; ++part) {
            storage::Batch batch;
            const auto a = batch.add_series("climate,room=attic", "temperature");
            const auto b = batch.add_series("climate,room=attic", "humidity");
            const auto c = batch.add_series("door", "open");
            const auto d = batch.add_series("log", "text");
            for (int i = 0; i < 6'000; ++i) {
                const Nanoseconds time =
                    kStart + part * kDay + i * 13 * kSecond + static_cast<Nanoseconds>(random() % kSecond);
                batch.add(a, time, Value::of(static_cast<double>(random() % 400) / 4), 1);
                batch.add(b, time, Value::of(std::uint64_t{random() % 100}), 1);
                if (i % 7 == 0) batch.add(c, time, Value::of(random() % 2 == 0), 1);
                if (i % 50 == 0) batch.add(d, time, Value::of(std::string_view("x")), 1);
            }
            put(std::move(batch));
            if (part == 0) {
                ASSERT_TRUE(store->seal());
            }
        }
    }
};

TEST_F(RollupsTest, AreWhatGroupingGives) {
    for (const auto& [table, seconds] :
         {std::pair{"rollups_5m", 300}, std::pair{"rollups_1h", 3'600}, std::pair{"rollups_1d", 86'400}}) {
        const std::string grouped = fmt::format(
            "SELECT sensor, field, datetime(time / 1000000000 / {0} * {0}, 'unixepoch') AS start, {0}, count(*), "
            "min(value) * 1.0, "
            "max(value) * 1.0, sum(value) * 1.0 FROM measurements WHERE field <> 'text' GROUP BY 1, 2, 3 ORDER BY 1, "
            "2, 3",
            seconds);
        const std::string direct = fmt::format(
            "SELECT sensor, field, created_at, seconds, count, min, max, sum FROM {} ORDER BY sensor, field, "
            "created_at",
            table);
        EXPECT_EQ(ask(direct), ask(grouped)) << table;
    }
    EXPECT_EQ(ask("SELECT count(*) FROM rollups_5m WHERE field = 'text'"), "0\n");
}

TEST_F(RollupsTest, BoundsAreOnTheBeginnings) {
    for (const char* where :
         {"created_at >= '2026-11-23 18:00:01'",
          "created_at > '2026-11-23 18:00:00' AND created_at <= '2026-11-23T20:00:00Z'",
          "created_at = '2026-11-23 19:00:00'", "created_at = '2026-11-23 19:00:01'",
          "field = 'open' AND created_at < '2026-11-24'", "time BETWEEN 1795460400000000000 AND 1795467600000000000",
          "sensor GLOB 'climate*' AND count > 270", "created_at < '2026-01-01'"}) {
        const std::string all =
            "(SELECT *, time AS t FROM rollups_1h LIMIT -1 OFFSET 0)";  // which SQLite filters itself
        std::string by_sqlite = where;
        if (const auto at = by_sqlite.find("time BETWEEN"); at != std::string::npos) by_sqlite.replace(at, 4, "t");
        EXPECT_EQ(ask(fmt::format("SELECT count(*), sum(count), min(created_at) FROM rollups_1h WHERE {}", where)),
                  ask(fmt::format("SELECT count(*), sum(count), min(created_at) FROM {} WHERE {}", all, by_sqlite)))
            << where;
    }
}

TEST_F(RollupsTest, ComeInAnyOrder) {
    EXPECT_EQ(
        ask("SELECT created_at FROM rollups_1h WHERE sensor = 'door' AND field = 'open' ORDER BY created_at LIMIT 2"),
        "2026-11-23 18:00:00\n2026-11-23 19:00:00\n");
    EXPECT_EQ(ask("SELECT created_at FROM rollups_1d WHERE sensor = 'door' ORDER BY created_at DESC LIMIT 1"),
              "2026-11-25 00:00:00\n");
    EXPECT_EQ(ask("SELECT field FROM rollups_1d ORDER BY created_at, field LIMIT 2"), "humidity\nopen\n");
    EXPECT_EQ(ask("SELECT DISTINCT sensor FROM rollups_1d ORDER BY sensor"), "climate,room=attic\ndoor\n");
    EXPECT_EQ(ask("SELECT last FROM rollups_1d WHERE field = 'humidity' ORDER BY created_at DESC LIMIT 1"),
              ask("SELECT value * 1.0 FROM measurements WHERE field = 'humidity' ORDER BY created_at DESC LIMIT 1"));
}

TEST_F(RollupsTest, FollowWhatIsRemoved) {
    EXPECT_THAT(ask("DELETE FROM rollups_1h"), testing::HasSubstr("not"));
    EXPECT_EQ(ask("DELETE FROM measurements WHERE created_at < '2026-11-24'"), "");
    EXPECT_EQ(ask("SELECT min(created_at) FROM rollups_1d"), "2026-11-24 00:00:00\n");
}

}  // namespace
}  // namespace pomiar::sql
