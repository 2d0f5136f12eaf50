#include "storage/onlooker.hpp"

#include "storage/backup.hpp"
#include "storage/store_fixture.hpp"

namespace pomiar::storage {
namespace {

class OnlookerTest : public test::StoreFixture {
  protected:
    // Values of the series by time, as the onlooker sees them.
    std::map<Nanoseconds, double> seen(Onlooker& onlooker) {
        struct Collect final : Visitor {
            std::map<Nanoseconds, double> found;
            bool take(const Summary&) override { return false; }
            bool take(const Readings& readings, std::size_t first, std::size_t last) override {
                for (std::size_t i = first; i < last; ++i) found[readings.times[i]] = readings.value(i).as_double();
                return true;
            }
        } collect;
        const auto done = onlooker.read([&](Snapshot& snapshot) {
            const auto series = snapshot.find("a", "b");
            ASSERT_TRUE(series);
            EXPECT_TRUE(snapshot.scan(series->id, kAllTime, collect));
        });
        EXPECT_TRUE(done) << done.error().message;
        return collect.found;
    }
    std::string path() { return options().path; }
};

TEST_F(OnlookerTest, SeesJournalAndBlocksBesideTheStore) {
    open();
    put("a", "b", 1, Value::of(1.0));
    auto onlooker = Onlooker::open(path(), *files);
    ASSERT_TRUE(onlooker) << onlooker.error().message;
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{1, 1}}));
    put("a", "b", 2, Value::of(2.0));
    ASSERT_TRUE((*onlooker)->refresh());
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{1, 1}, {2, 2}}));
    ASSERT_TRUE(store->seal());
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{1, 1}, {2, 2}})) << "without being told to look again";
    put("a", "b", 1, Value::of(3.0));
    ASSERT_TRUE((*onlooker)->refresh());
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{1, 3}, {2, 2}})) << "the latest write of a time";
    close();
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{1, 3}, {2, 2}}));
}

TEST_F(OnlookerTest, SeesWhatWaitedOnceItsTimeHasCome) {
    open();
    put("a", "b", clock.now(), Value::of(1.0));
    put("a", "b", clock.now() + 2 * kDay, Value::of(2.0));
    ASSERT_TRUE(store->seal());
    auto onlooker = Onlooker::open(path(), *files);
    ASSERT_TRUE(onlooker);
    EXPECT_EQ(seen(**onlooker).size(), 1);
    clock.advance(kDay);
    put("c", "d", 1, Value::of(1.0));  // makes the store look at the time
    ASSERT_TRUE((*onlooker)->refresh());
    EXPECT_EQ(seen(**onlooker).size(), 2);
}

TEST_F(OnlookerTest, SeesNothingThatWasRemoved) {
    open();
    for (Nanoseconds time = 0; time < 10; ++time) put("a", "b", time, Value::of(1.0));
    ASSERT_TRUE(store->seal());
    put("a", "b", 10, Value::of(1.0));
    auto onlooker = Onlooker::open(path(), *files);
    ASSERT_TRUE(onlooker);
    EXPECT_EQ(seen(**onlooker).size(), 11);
    std::promise<Result<>> removed;
    store->remove({1}, {5, kAllTime.to}, [&](Result<> result) { removed.set_value(std::move(result)); });
    ASSERT_TRUE(removed.get_future().get());
    ASSERT_TRUE((*onlooker)->refresh());
    EXPECT_EQ(seen(**onlooker).size(), 5);
}

TEST_F(OnlookerTest, ReadsBackups) {
    open();
    put("a", "b", 7, Value::of(1.0));
    ASSERT_TRUE(store->seal());
    ASSERT_TRUE(write_backup(path(), directory.path() + "/copy.db", {}, *files));
    auto onlooker = Onlooker::open(directory.path() + "/copy.db", *files);
    ASSERT_TRUE(onlooker) << onlooker.error().message;
    EXPECT_EQ(seen(**onlooker), (std::map<Nanoseconds, double>{{7, 1}}));
}

TEST_F(OnlookerTest, TellsWhatIsNotThere) {
    const auto nothing = Onlooker::open(directory.path() + "/none", *files);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, ErrorKind::not_found);
    ASSERT_TRUE(
        write_whole(*files, directory.path() + "/text", "this is no database, only a text that is long enough"));
    EXPECT_FALSE(Onlooker::open(directory.path() + "/text", *files));
}

}  // namespace
}  // namespace pomiar::storage
