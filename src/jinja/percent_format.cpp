#include "jinja/percent_format.hpp"

#include <cmath>

#include <fmt/core.h>

#include "jinja/arithmetic.hpp"
#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/number_format.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

class PercentFormat {
  public:
    PercentFormat(const Value& format, const Value& values)
        : rest_(format.text()), safe_(format.is_safe()), values_(values) {}

    std::string run() {
        while (!rest_.empty()) {
            const std::size_t plain = std::min(rest_.find('%'), rest_.size());
            out_.append(rest_.substr(0, plain));
            rest_.remove_prefix(plain);
            if (rest_.empty()) break;
            rest_.remove_prefix(1);
            convert();
            charge_steps(1);
            if (const Budget* budget = Budget::current()) budget->output(out_.size());
        }
        const bool all_used =
            values_.is_dict() || values_.is_undefined() || used_ == count() || (values_.is_list() && !is_tuple());
        if (!all_used && !by_name_) fail("not all arguments converted during string formatting");
        return std::move(out_);
    }

  private:
    bool is_tuple() const { return values_.is_list() && values_.list_data().is_tuple(); }
    std::size_t count() const { return is_tuple() ? values_.list_data().items.size() : 1; }

    const Value& next() {
        if (used_ >= count()) fail("not enough arguments for format string");
        ++used_;
        return is_tuple() ? values_.list_data().items[used_ - 1] : values_;
    }

    const Value& named(std::string_view name) {
        by_name_ = true;
        if (!values_.is_dict()) fail("format requires a mapping");
        const Value* found = values_.find(name);
        if (found == nullptr) fail(fmt::format("no such key in a format: {}", to_repr(Value(name))));
        return *found;
    }

    std::int64_t take_width() {
        if (rest_.starts_with('*')) {
            rest_.remove_prefix(1);
            const Value& width = next();
            if (!width.is_integer()) fail("* wants int");
            if (std::abs(width.as_integer()) > kWidestField) fail("a width passes its limit", ErrorKind::too_large);
            return width.as_integer();
        }
        std::int64_t number = 0;
        for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
            number = number * 10 + (rest_[0] - '0');
            if (number > kWidestField) fail(fmt::format("a width passes {}", kWidestField), ErrorKind::too_large);
        }
        return number;
    }

    void convert() {
        const Value* value = nullptr;
        FormatSpec spec;
        bool left = false;
        if (rest_.starts_with('(')) {
            const std::size_t end = rest_.find(')');
            if (end == rest_.npos) fail("incomplete format key");
            value = &named(rest_.substr(1, end - 1));
            rest_.remove_prefix(end + 1);
        }
        for (; !rest_.empty() && std::string_view("-+ #0").find(rest_[0]) != std::string_view::npos;
             rest_.remove_prefix(1)) {
            if (rest_[0] == '-') left = true;
            if (rest_[0] == '+' || (rest_[0] == ' ' && spec.sign != '+')) spec.sign = rest_[0];
            if (rest_[0] == '#') spec.alternate = true;
            if (rest_[0] == '0') spec.zero = true;
        }
        spec.width = take_width();
        if (spec.width < 0) {
            left = true;
            spec.width = -spec.width;
        }
        if (rest_.starts_with('.')) {
            rest_.remove_prefix(1);
            spec.precision = std::max<std::int64_t>(take_width(), 0);
        }
        if (rest_.starts_with('l') || rest_.starts_with('h') || rest_.starts_with('L')) rest_.remove_prefix(1);
        if (rest_.empty()) fail("incomplete format");
        spec.type = rest_[0];
        rest_.remove_prefix(1);
        if (spec.type == '%') {
            out_.push_back('%');
            return;
        }
        spec.align = left ? '<' : 0;
        if (left) spec.zero = false;
        if (spec.zero) spec.fill = "0";
        append(spec, value != nullptr ? *value : next());
    }

    void append(const FormatSpec& spec, const Value& value) {
        switch (spec.type) {
            case 's':
            case 'r':
            case 'a':
                append_text_value(spec, value);
                return;
            case 'c':
                append_character(spec, value);
                return;
            case 'd':
            case 'i':
            case 'u':
            case 'o':
            case 'x':
            case 'X':
                append_integer_value(spec, value);
                return;
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G':
                append_real_value(spec, value);
                return;
            default:
                fail(fmt::format("unsupported format character '{}'", spec.type));
        }
    }

    void append_padded(const FormatSpec& spec, std::string_view text) {
        out_.append(pad(text, spec.width, " ", spec.align == '<' ? Side::left : Side::right));
    }

    void append_text_value(const FormatSpec& spec, const Value& value) {
        std::string text = spec.type == 's' ? to_text(value) : to_repr(value);
        if (safe_) {
            const bool keep = spec.type == 's' && value.is_safe();
            std::string escaped_text;
            append_escaped(escaped_text, std::string_view(text));
            if (!keep) text = std::move(escaped_text);
        }
        std::string_view shown = text;
        if (spec.precision >= 0)
            shown = shown.substr(0, code_point_offset(shown, static_cast<std::size_t>(spec.precision)));
        append_padded(spec, shown);
    }

    void append_character(const FormatSpec& spec, const Value& value) {
        std::string one;
        if (value.is_string() && count_code_points(value.text()) == 1) {
            one = value.text();
        } else if (value.is_integer() && value.as_integer() >= 0 && value.as_integer() <= 0x10ffff) {
            append_code_point(one, static_cast<char32_t>(value.as_integer()));
        } else {
            fail("%c requires int or char");
        }
        append_padded(spec, one);
    }

    void append_integer_value(const FormatSpec& spec, const Value& value) {
        if (!is_number(value) || (value.is_real() && (spec.type == 'x' || spec.type == 'X' || spec.type == 'o'))) {
            require_defined(value);
            fail(fmt::format("%{} format: a real number is required, not {}", spec.type, type_name(value)));
        }
        const std::int64_t number = value.is_real() ? truncated(value.as_real()) : value.as_integer();
        const std::uint64_t size =
            number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
        const unsigned base = spec.type == 'x' || spec.type == 'X' ? 16 : spec.type == 'o' ? 8 : 10;
        std::string digits = format_integer_digits(size, base, spec.type == 'X');
        if (spec.precision > static_cast<std::int64_t>(digits.size())) {
            digits.insert(0, static_cast<std::size_t>(spec.precision) - digits.size(), '0');
        }
        if (spec.alternate && base != 10) digits = fmt::format("0{}{}", spec.type, digits);
        FormatSpec finish = spec;
        finish.alternate = spec.alternate && base != 10;
        out_.append(finish_number(std::move(digits), number < 0, finish));
    }

    void append_real_value(const FormatSpec& spec, const Value& value) {
        if (!is_number(value)) {
            require_defined(value);
            fail(fmt::format("must be real number, not {}", type_name(value)));
        }
        const double number = value.as_real();
        const bool negative = std::signbit(number) && !std::isnan(number);
        out_.append(
            finish_number(format_real(std::abs(number), spec.type, spec.precision, spec.alternate), negative, spec));
    }

    std::string_view rest_;
    const bool safe_;
    const Value& values_;
    std::string out_;
    std::size_t used_ = 0;
    bool by_name_ = false;
};

class BraceFormat {
  public:
    BraceFormat(const Value& format, const Arguments& arguments) : safe_(format.is_safe()), arguments_(arguments) {}

    std::string run(std::string_view format, int depth = 2) {
        if (depth == 0) fail("Max string recursion exceeded");
        std::string out;
        while (!format.empty()) {
            const std::size_t plain = std::min(format.find_first_of("{}"), format.size());
            out.append(format.substr(0, plain));
            format.remove_prefix(plain);
            if (format.empty()) break;
            if (format.size() > 1 && format[1] == format[0]) {
                out.push_back(format[0]);
                format.remove_prefix(2);
                continue;
            }
            if (format[0] == '}') fail("Single '}' encountered in format string");
            const std::size_t end = field_end(format);
            append_field(out, format.substr(1, end - 1), depth);
            format.remove_prefix(end + 1);
            charge_steps(1);
            if (const Budget* budget = Budget::current()) budget->output(out.size());
        }
        return out;
    }

  private:
    static std::size_t field_end(std::string_view format) {
        int open = 0;
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] == '{') ++open;
            if (format[i] == '}' && --open == 0) return i;
        }
        fail(format.size() == 1 ? "Single '{' encountered in format string" : "expected '}' before end of string");
    }

    void append_field(std::string& out, std::string_view field, int depth) {
        std::string_view spec;
        char conversion = 0;
        const std::size_t mark = field.find_first_of("!:");
        std::string_view name = field.substr(0, mark);
        if (mark != field.npos && field[mark] == '!') {
            if (mark + 1 >= field.size()) fail("end of string while looking for conversion specifier");
            conversion = field[mark + 1];
            field.remove_prefix(mark + 2);
            if (!field.empty() && field[0] != ':') fail("expected ':' after conversion specifier");
            spec = field.empty() ? field : field.substr(1);
        } else if (mark != field.npos) {
            spec = field.substr(mark + 1);
        }
        Value value = find(name);
        if (conversion == 's') value = Value(to_text(value));
        if (conversion == 'r' || conversion == 'a') value = Value(to_repr(value));
        if (conversion != 0 && std::string_view("sra").find(conversion) == std::string_view::npos) {
            fail(fmt::format("Unknown conversion specifier '{}'", conversion));
        }
        const std::string resolved = spec.find('{') != spec.npos ? run(spec, depth - 1) : std::string(spec);
        append_value(out, value, resolved);
    }

    void append_value(std::string& out, const Value& value, std::string_view spec) const {
        if (safe_ && value.is_safe()) {
            if (!spec.empty()) fail("Unsupported format specification for Markup.");
            out.append(value.text());
            return;
        }
        if (value.is_undefined() && !spec.empty()) fail("unsupported format string passed to Undefined.__format__");
        const std::string text = value.is_undefined() ? "" : format_value(value, parse_format_spec(spec));
        if (safe_) {
            append_escaped(out, std::string_view(text));
        } else {
            out.append(text);
        }
    }

    Value find(std::string_view name) {
        const std::size_t end = std::min(name.find_first_of(".["), name.size());
        const std::string_view first = name.substr(0, end);
        Value value = argument(first);
        name.remove_prefix(end);
        while (!name.empty()) {
            if (name[0] == '.') {
                const std::size_t stop = std::min(name.find_first_of(".[", 1), name.size());
                value = find_attribute(value, name.substr(1, stop - 1));
                name.remove_prefix(stop);
            } else {
                const std::size_t stop = name.find(']');
                if (stop == name.npos) fail("Missing ']' in format string");
                const std::string_view key = name.substr(1, stop - 1);
                const bool numeric = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == key.npos;
                value = find_item(value, numeric ? Value(std::stoll(std::string(key))) : Value(key));
                name.remove_prefix(stop + 1);
            }
            if (is_missing(value)) fail("no such attribute or item in a format string");
        }
        return value;
    }

    Value argument(std::string_view name) {
        const bool numeric = name.find_first_not_of("0123456789") == name.npos;
        if (!numeric) {
            const Value* found = arguments_.get(name);
            if (found == nullptr)
                fail(fmt::format("no argument called {} for the format string", to_repr(Value(name))));
            return *found;
        }
        std::size_t index = automatic_;
        if (name.empty()) {
            if (numbered_) fail("cannot switch from manual field specification to automatic field numbering");
            ++automatic_;
        } else {
            if (automatic_ > 0) fail("cannot switch from automatic field numbering to manual field specification");
            numbered_ = true;
            index = name.size() > 6 ? arguments_.count : std::stoul(std::string(name));
        }
        const Value* found = arguments_.get(index);
        if (found == nullptr) fail(fmt::format("Replacement index {} out of range for positional args tuple", index));
        return *found;
    }

    const bool safe_;
    const Arguments& arguments_;
    std::size_t automatic_ = 0;
    bool numbered_ = false;
};

}  // namespace

Value percent_format(const Value& format, const Value& values) {
    std::string text = PercentFormat(format, values).run();
    charge_text(text.size());
    return make_string(std::move(text), format.is_safe());
}

Value brace_format(const Value& format, const Arguments& arguments) {
    std::string text = BraceFormat(format, arguments).run(format.text());
    charge_text(text.size());
    return make_string(std::move(text), format.is_safe());
}

}  // namespace pomiar::jinja
