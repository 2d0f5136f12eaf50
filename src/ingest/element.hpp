// One measurement on its way from a body into the batch: collects its parts in any order, checks them, commits all or
// nothing. Shared by JSON bodies and forms. Reused from element to element.
//
// Instead of values by their fields it may have one metric with its value, as FastAPI applications have it; then it
// means what `pomiar import` makes of a row with these columns. Why: docs/decisions/0034-one-metric-bodies.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "ingest/body_error.hpp"
#include "ingest/limits.hpp"
#include "storage/batch.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {

class Element {
  public:
    explicit Element(BodyReport& report) : report_(report) {}

    void start();

    void set_sensor(std::string_view name);
    void add_tag(std::string_view key, std::string_view value);
    void set_time(Nanoseconds time) { time_ = time; }
    void set_time_text(std::string_view text);  // RFC 3339
    void set_time_milliseconds(std::int64_t milliseconds);
    void add_value(std::string_view field, const storage::Value& value);
    void set_metric(std::string_view name);
    void set_value(const storage::Value& number);
    void set_value_text(std::string_view text);  // "21.5"
    void set_created_at(std::optional<Nanoseconds> time, std::string_view shown);
    // `fault()` gives a BodyError whose `loc` is the member: "values.temperature", "" for the element itself. It is
    // called only while errors are kept, so that a body full of faults costs no words.
    template <class Fault>
    void refuse(Fault fault) {
        refused_ = true;
        if (has_room_for_errors()) note(fault());
    }

    // What is missing is refused too. Counts the element.
    void commit(Nanoseconds now, storage::Batch& batch);

  private:
    struct Reading {
        std::string field;
        storage::ValueKind kind;
        std::uint64_t bits;
        std::string text;
    };

    bool has_room_for_errors() const { return report_.errors.size() < kErrorsKept; }
    // Refused, and nothing more will be told of it.
    bool is_settled() const { return refused_ && !has_room_for_errors(); }
    void note(BodyError error);
    void add_metric();
    void check(const storage::Batch& batch);
    Result<std::string> canonical_name();

    BodyReport& report_;
    storage::Sensor sensor_;
    std::string canonical_;  // its text, once it was checked
    std::optional<Nanoseconds> time_;
    std::vector<Reading> readings_;
    std::optional<std::string> metric_;
    std::optional<storage::Value> value_;  // the metric's, a number
    bool has_sensor_ = false;
    bool refused_ = false;
};

}  // namespace pomiar::ingest
