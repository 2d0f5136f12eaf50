// A store with readings, and answers of SQL over it as lists of texts.
#pragma once

#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sql/answer_format.hpp"
#include "sql/session.hpp"
#include "sql/store_source.hpp"
#include "storage/store.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::sql::test {

inline constexpr Nanoseconds kStart = pomiar::test::kNow;

class SessionFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        storage::StoreOptions store_options;
        store_options.path = directory.path() + "/data";
        auto opened = storage::Store::open(store_options, real_file_system(), clock);
        ASSERT_TRUE(opened) << opened.error().message;
        store = std::move(*opened);
        source = std::make_unique<StoreSource>(*store);
    }

    void put(std::string_view sensor, std::string_view field, Nanoseconds time, const storage::Value& value) {
        storage::Batch batch;
        batch.add(batch.add_series(sensor, field), time, value, 1);
        put(std::move(batch));
    }
    void put(storage::Batch batch) {
        std::promise<storage::AppendOutcome> answered;
        store->append(std::move(batch), [&](storage::AppendOutcome told) { answered.set_value(std::move(told)); });
        const auto appended = answered.get_future().get();
        ASSERT_FALSE(appended.failure);
        ASSERT_TRUE(appended.refused.empty());
    }

    // The answer in the shell's form; an error as "kind: message".
    std::string ask(std::string_view sql, AnswerFormat format = AnswerFormat::list) {
        auto session = Session::open(*source, options);
        if (!session) return session.error().message;
        std::string out;
        const auto writer = answer_writer(format, out);
        auto done = (*session)->run(sql, *writer);
        if (!done) return "error: " + done.error().message;
        outcome = *done;
        return out;
    }

    pomiar::test::TemporaryDirectory directory;
    pomiar::test::FakeClock clock;
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<Source> source;
    SessionOptions options;
    RunOutcome outcome;
};

}  // namespace pomiar::sql::test
