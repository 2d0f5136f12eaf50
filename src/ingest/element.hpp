// One measurement on its way from a body into the batch: collects its parts in any order, checks them, commits all or
// nothing. Shared by JSON bodies and forms. Reused from element to element.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "ingest/body_error.hpp"
#include "storage/batch.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {

class Element {
  public:
    explicit Element(BodyReport& report) : report_(report) {}

    // `location` is what errors call it: "body[3]".
    void start(std::string location);

    void set_sensor(std::string_view name);
    void add_tag(std::string_view key, std::string_view value);
    void set_time(Nanoseconds time) { time_ = time; }
    void set_time_text(std::string_view text);  // RFC 3339
    void set_time_milliseconds(std::int64_t milliseconds);
    void add_value(std::string_view field, const storage::Value& value);
    // `member` is "" for the element itself, or for example "values.temperature".
    void refuse(std::string_view member, std::string message, std::string_view type);

    // What is missing is refused too. Counts the element.
    void commit(Nanoseconds now, storage::Batch& batch);

  private:
    struct Reading {
        std::string field;
        storage::ValueKind kind;
        std::uint64_t bits;
        std::string text;
    };

    BodyReport& report_;
    std::string location_;
    storage::Sensor sensor_;
    std::optional<Nanoseconds> time_;
    std::vector<Reading> readings_;
    bool has_sensor_ = false;
    bool refused_ = false;
};

}  // namespace pomiar::ingest
