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
    void check(const storage::Batch& batch);

    BodyReport& report_;
    storage::Sensor sensor_;
    std::string canonical_;  // its text, once it was checked
    std::optional<Nanoseconds> time_;
    std::vector<Reading> readings_;
    bool has_sensor_ = false;
    bool refused_ = false;
};

}  // namespace pomiar::ingest
