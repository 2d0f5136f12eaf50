#include "jinja/json_value.hpp"

#include <boost/json.hpp>

#include <fmt/core.h>

namespace pomiar::jinja {
namespace {

constexpr std::size_t kDeepest = 32;

// Its depth is bounded by the parser's.
Value convert(const boost::json::value& json) {
    switch (json.kind()) {
        case boost::json::kind::null:
            return {};
        case boost::json::kind::bool_:
            return json.get_bool();
        case boost::json::kind::int64:
            return json.get_int64();
        case boost::json::kind::uint64:
            return static_cast<double>(json.get_uint64());
        case boost::json::kind::double_:
            return json.get_double();
        case boost::json::kind::string:
            return Value(std::string_view(json.get_string()));
        case boost::json::kind::array: {
            Value list = Value::list();
            for (const boost::json::value& item : json.get_array()) list.append(convert(item));
            return list;
        }
        case boost::json::kind::object:
            break;
    }
    Value dict = Value::object();
    for (const auto& [key, value] : json.get_object()) dict.set(key, convert(value));
    return dict;
}

}  // namespace

Result<Value> value_from_json(std::string_view json) {
    boost::json::parse_options options;
    options.max_depth = kDeepest;
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse({json.data(), json.size()}, error, {}, options);
    if (error) return failure(ErrorKind::invalid, fmt::format("not JSON: {}", error.message()));
    return convert(parsed);
}

}  // namespace pomiar::jinja
