#include "ingest/line_fault_text.hpp"

#include <fmt/core.h>

#include "ingest/limits.hpp"
#include "ingest/line_error.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::size_t kTokenBytesMax = 64;

std::string field(const FaultFound& fault) {
    return fmt::format("field `{}`", quotable(fault.key, kTokenBytesMax));
}

std::string value_expected(const FaultFound& fault, std::string_view expected) {
    return fmt::format("{} has value `{}`, expected {}", field(fault), quotable(fault.token, kTokenBytesMax), expected);
}

std::string found(const FaultFound& fault) {
    if (fault.token.empty()) return "found the end of the line";
    if (fault.token == "\n" || fault.token == "\r") return "found the end of the line";
    return fmt::format("found `{}`", quotable(fault.token, kTokenBytesMax));
}

}  // namespace

std::string describe(const FaultFound& fault) {
    switch (fault.kind) {
        case LineFault::missing_measurement:
            return "expected a measurement, " + found(fault);
        case LineFault::missing_fields:
            return "expected a space and fields, " + found(fault);
        case LineFault::missing_tag_key:
            return "expected the key of a tag, " + found(fault);
        case LineFault::missing_tag_value:
            return "expected the value of a tag, " + found(fault);
        case LineFault::equals_in_tag_value:
            return "found `=` in the value of a tag, where it is written `\\=`";
        case LineFault::missing_field_key:
            return "expected the name of a field, " + found(fault);
        case LineFault::missing_field_value:
            return field(fault) + " has no value";
        case LineFault::field_without_value:
            return fmt::format("expected `=` after {}, {}", field(fault), found(fault));
        case LineFault::bad_value:
            return value_expected(fault, "a number, true, false or a text in quotes");
        case LineFault::bad_number:
            return value_expected(fault, "a number");
        case LineFault::integer_out_of_range:
            return value_expected(fault, "an integer from -9223372036854775808 to 9223372036854775807");
        case LineFault::unsigned_out_of_range:
            return value_expected(fault, "an unsigned integer up to 18446744073709551615");
        case LineFault::float_out_of_range:
            return value_expected(fault, "a number that a double can hold");
        case LineFault::bad_boolean:
            return value_expected(fault, "true or false");
        case LineFault::unclosed_text:
            return fmt::format("the text of {} has no closing quote", field(fault));
        case LineFault::bytes_after_text:
            return fmt::format("expected a comma or a space after the text of {}, {}", field(fault), found(fault));
        case LineFault::bad_timestamp:
            return fmt::format("the time is `{}`, expected an integer", quotable(fault.token, kTokenBytesMax));
        case LineFault::timestamp_out_of_range:
            return fmt::format("the time `{}` is before 1677 or after 2262", quotable(fault.token, kTokenBytesMax));
        case LineFault::bytes_after_timestamp:
            return "expected the end of the line after the time, " + found(fault);
        case LineFault::control_character:
            return fmt::format("found the control character 0x{:02x}",
                               static_cast<unsigned char>(fault.token.empty() ? '\0' : fault.token.front()));
        case LineFault::not_utf8:
            return "found bytes that are not UTF-8";
        case LineFault::duplicate_tag:
        case LineFault::name_refused:
            return fault.detail;
        case LineFault::line_too_long:
            return fmt::format("the line has more than {} bytes", kLineBytesMax);
        case LineFault::sensor_too_long:
            return fmt::format("the name of a sensor has more than {} bytes", storage::kSensorBytesMax);
        case LineFault::too_many_tags:
            return fmt::format("the line has more than {} tags", storage::kTagsMax);
        case LineFault::too_many_fields:
            return fmt::format("the line has more than {} fields", kFieldsPerLineMax);
        case LineFault::text_too_long:
            return fmt::format("the text of {} has more than {} bytes", field(fault), kTextBytesMax);
        case LineFault::batch_full:
            return fmt::format("more than {} readings at once; nothing from here on was taken", kBatchPointsMax);
    }
    return {};
}

std::string describe_as_influxdb(const FaultFound& fault) {
    const auto digits =
        quotable(fault.token.substr(0, fault.token.empty() ? 0 : fault.token.size() - 1), kTokenBytesMax);
    switch (fault.kind) {
        case LineFault::missing_measurement:
            return "missing measurement";
        case LineFault::missing_fields:
            return "missing fields";
        case LineFault::missing_tag_key:
            return "missing tag key";
        case LineFault::missing_tag_value:
            return "missing tag value";
        case LineFault::equals_in_tag_value:
            return "invalid tag format";
        case LineFault::duplicate_tag:
            return "duplicate tags";
        case LineFault::missing_field_key:
            return "missing field key";
        case LineFault::missing_field_value:
            return "missing field value";
        case LineFault::field_without_value:
        case LineFault::bytes_after_text:
            return "invalid field format";
        case LineFault::bad_number:
            return "invalid number";
        case LineFault::integer_out_of_range:
            return fmt::format("unable to parse integer {0}: strconv.ParseInt: parsing \"{0}\": value out of range",
                               digits);
        case LineFault::unsigned_out_of_range:
            return fmt::format("unable to parse unsigned {0}: strconv.ParseUint: parsing \"{0}\": value out of range",
                               digits);
        case LineFault::float_out_of_range:
            return "invalid float";
        case LineFault::bad_value:
        case LineFault::bad_boolean:
            return "invalid boolean";
        case LineFault::unclosed_text:
            return "unbalanced quotes";
        case LineFault::bad_timestamp:
            return "bad timestamp";
        case LineFault::timestamp_out_of_range:
            return fmt::format("time outside range {} - {}", kTimeMin, kTimeMax);
        case LineFault::bytes_after_timestamp:
            return "point is invalid";
        default:  // InfluxDB has no words for these
            return describe(fault);
    }
}

}  // namespace pomiar::ingest
