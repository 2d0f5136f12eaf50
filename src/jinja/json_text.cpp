#include "jinja/json_text.hpp"

#include <cmath>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/print.hpp"
#include "jinja/sorting.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

class JsonWriter {
  public:
    explicit JsonWriter(std::int64_t indent) : indent_(indent) {
        if (indent > 100) fail("an indent passes 100", ErrorKind::too_large);
    }

    void append(const Value& value, std::int64_t level = 0) {
        charge_steps(1);
        check_stack();
        if (const Budget* budget = Budget::current()) budget->output(out.size());
        switch (value.kind()) {
            case Value::Kind::none:
                out.append("null");
                return;
            case Value::Kind::boolean:
                out.append(value.as_boolean() ? "true" : "false");
                return;
            case Value::Kind::integer:
                append_integer(out, value.as_integer());
                return;
            case Value::Kind::real:
                append_number(value.as_real());
                return;
            case Value::Kind::string:
                append_string(value.text());
                return;
            case Value::Kind::list:
                if (value.list_data().is_tuple() || value.list_data().sequence == Sequence::list) {
                    append_list(value.list_data(), level);
                    return;
                }
                break;
            case Value::Kind::dict:
                append_dict(value.dict_data(), level);
                return;
            case Value::Kind::undefined:
            case Value::Kind::object:
                break;
        }
        fail(fmt::format("Object of type {} is not JSON serializable", type_name(value)));
    }

    std::string out;

  private:
    void append_number(double value) {
        if (std::isfinite(value)) {
            append_real(out, value);
        } else {
            out.append(std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        }
    }

    void append_string(std::string_view text) {
        out.push_back('"');
        while (!text.empty()) append_character(take_code_point(text));
        out.push_back('"');
    }

    void append_character(char32_t code) {
        switch (code) {
            case '"':
                out.append("\\\"");
                return;
            case '\\':
                out.append("\\\\");
                return;
            case '\n':
                out.append("\\n");
                return;
            case '\r':
                out.append("\\r");
                return;
            case '\t':
                out.append("\\t");
                return;
            case '\b':
                out.append("\\b");
                return;
            case '\f':
                out.append("\\f");
                return;
            default:
                break;
        }
        const bool for_html = code == '<' || code == '>' || code == '&' || code == '\'';
        const auto number = static_cast<std::uint32_t>(code > 0x10ffff ? 0xfffd : code);
        if (number >= 0x10000) {
            const std::uint32_t rest = number - 0x10000;
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
        } else if (number < 0x20 || number > 0x7e || for_html) {
            if (number == 0x7f) {
                out.push_back('\x7f');
            } else {
                out += fmt::format("\\u{:04x}", number);
            }
        } else {
            out.push_back(static_cast<char>(number));
        }
    }

    void new_line(std::int64_t level) {
        if (indent_ < 0) return;
        out.push_back('\n');
        out.append(static_cast<std::size_t>(indent_ * level), ' ');
    }
    void separate(bool first, std::int64_t level) {
        if (!first) out.append(indent_ < 0 ? ", " : ",");
        new_line(level);
    }

    void append_list(const ListData& list, std::int64_t level) {
        out.push_back('[');
        bool first = true;
        for (const Value& item : list.items) {
            separate(first, level + 1);
            append(item, level + 1);
            first = false;
        }
        if (!first) new_line(level);
        out.push_back(']');
    }

    static std::string key_text(const Value& key) {
        if (key.is_string()) return std::string(key.text());
        if (key.is_none()) return "null";
        if (key.is_boolean()) return key.as_boolean() ? "true" : "false";
        if (key.is_integer() || key.is_real()) return to_repr(key);
        fail(fmt::format("keys must be str, int, float, bool or None, not {}", type_name(key)));
    }

    void append_dict(const DictData& dict, std::int64_t level) {
        std::vector<Value> keys;
        keys.reserve(dict.entries.size());
        for (const auto& [key, value] : dict.entries) keys.push_back(key);
        keys = sorted(keys, keys, false);
        out.push_back('{');
        bool first = true;
        for (const Value& key : keys) {
            separate(first, level + 1);
            append_string(key_text(key));
            out.append(": ");
            append(*dict.find(key), level + 1);
            first = false;
        }
        if (!first) new_line(level);
        out.push_back('}');
    }

    const std::int64_t indent_;
};

}  // namespace

std::string json_for_html(const Value& value, std::int64_t indent) {
    JsonWriter writer(indent);
    writer.append(value);
    charge_text(writer.out.size());
    return std::move(writer.out);
}

}  // namespace pomiar::jinja
