#include "jinja/pretty_print.hpp"

#include <vector>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/print.hpp"
#include "jinja/sorting.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

constexpr std::int64_t kWidth = 80;

std::int64_t width_of(std::string_view text) {
    return static_cast<std::int64_t>(count_code_points(text));
}

// Keys that cannot be compared stand in the order of their types' names.
int rank(const Value& key) {
    if (key.is_none()) return 0;
    if (key.is_boolean() || key.is_integer() || key.is_real()) return 1;
    return key.is_string() ? 2 : 3;
}

std::vector<DictData::Entry> sorted_entries(const DictData& dict) {
    std::vector<DictData::Entry> entries;
    for (int group = 0; group <= 3; ++group) {
        std::vector<Value> keys;
        for (const auto& [key, value] : dict.entries) {
            if (rank(key) == group) keys.push_back(key);
        }
        try {
            keys = sorted(keys, keys, false);
        } catch (const Failure& failed) {
            if (failed.kind == ErrorKind::too_large) throw;  // else: no order, they stay as they are
        }
        for (const Value& key : keys) entries.emplace_back(key, *dict.find(key));
    }
    return entries;
}

bool is_plain_sequence(const Value& value) {
    if (!value.is_list()) return false;
    const Sequence kind = value.list_data().sequence;
    return kind == Sequence::list || kind == Sequence::tuple;
}

void append_one_line(std::string& out, const Value& value) {
    check_stack();
    if (value.is_dict()) {
        out += '{';
        const char* separator = "";
        for (const auto& [key, item] : sorted_entries(value.dict_data())) {
            out += separator;
            append_one_line(out, key);
            out += ": ";
            append_one_line(out, item);
            separator = ", ";
        }
        out += '}';
    } else if (is_plain_sequence(value)) {
        const bool tuple = value.list_data().is_tuple();
        const std::vector<Value>& items = value.list_data().items;
        out += tuple ? '(' : '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out += ", ";
            append_one_line(out, items[i]);
        }
        if (tuple) out += items.size() == 1 ? ",)" : ")";
        if (!tuple) out += ']';
    } else {
        append_repr(out, value);
    }
    charge_steps(1);
    if (Budget* budget = Budget::current()) budget->output(out.size());
}

std::string quoted(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

// A word and the space after it.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        std::string_view rest = line;
        bool in_space = false;
        while (!rest.empty()) {
            std::string_view after = rest;
            const bool space = is_space(take_code_point(after));
            if (in_space && !space) break;
            in_space = space;
            rest = after;
        }
        words.push_back(line.substr(0, line.size() - rest.size()));
        line = rest;
    }
    return words;
}

class PrettyPrinter {
  public:
    // `indent` characters stand before it on its first line; `allowance` are to come after it on its last.
    void print(const Value& value, std::int64_t indent, std::int64_t allowance, int level) {
        check_stack();
        std::string line;
        append_one_line(line, value);
        charge_text(line.size());
        const bool has_parts = value.is_dict() || is_plain_sequence(value) || (value.is_string() && !value.is_safe());
        if (!has_parts || width_of(line) <= kWidth - indent - allowance) {
            write(line);
        } else if (value.is_dict()) {
            print_dict(value.dict_data(), indent, allowance + 1, level + 1);
        } else if (value.is_string()) {
            print_text(value.text(), indent, allowance, level + 1);
        } else {
            const bool tuple = value.list_data().is_tuple();
            const std::string_view end = !tuple ? "]" : value.size() == 1 ? ",)" : ")";
            write(tuple ? "(" : "[");
            print_items(value.list_data().items, indent, allowance + width_of(end), level + 1);
            write(end);
        }
    }
    std::string take() { return std::move(out_); }

  private:
    void write(std::string_view text) {
        out_.append(text);
        if (Budget* budget = Budget::current()) budget->output(out_.size());
    }
    void new_line(std::int64_t indent) {
        out_ += '\n';
        write(std::string(static_cast<std::size_t>(indent), ' '));
    }

    void print_dict(const DictData& dict, std::int64_t indent, std::int64_t allowance, int level) {
        write("{");
        const auto entries = sorted_entries(dict);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            std::string key;
            append_one_line(key, entries[i].first);
            write(key + ": ");
            const bool last = i + 1 == entries.size();
            print(entries[i].second, indent + 1 + width_of(key) + 2, last ? allowance : 1, level);
            if (last) break;
            out_ += ',';
            new_line(indent + 1);
        }
        write("}");
    }

    void print_items(const std::vector<Value>& items, std::int64_t indent, std::int64_t allowance, int level) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const bool last = i + 1 == items.size();
            print(items[i], indent + 1, last ? allowance : 1, level);
            if (last) return;
            out_ += ',';
            new_line(indent + 1);
        }
    }

    void print_text(std::string_view text, std::int64_t indent, std::int64_t allowance, int level) {
        const bool alone = level == 1;
        indent += alone ? 1 : 0;
        allowance += alone ? 1 : 0;
        const std::vector<std::string> parts = text_parts(text, kWidth - indent, allowance);
        if (alone && parts.size() > 1) write("(");
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i > 0) new_line(indent);
            write(parts[i]);
        }
        if (alone && parts.size() > 1) write(")");
    }

    // Cut after lines, and after words where a line is too long; quoted.
    static std::vector<std::string> text_parts(std::string_view text, std::int64_t width, std::int64_t allowance) {
        std::vector<std::string> parts;
        const std::vector<std::string_view> lines = split_lines(text, true);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const bool last_line = i + 1 == lines.size();
            std::string line = quoted(lines[i]);
            if (width_of(line) <= width - (last_line ? allowance : 0)) {
                parts.push_back(std::move(line));
                continue;
            }
            std::string current;
            const std::vector<std::string_view> words = words_of(lines[i]);
            for (std::size_t j = 0; j < words.size(); ++j) {
                charge_steps(1 + current.size() / 64);
                const std::int64_t room = width - (last_line && j + 1 == words.size() ? allowance : 0);
                if (width_of(quoted(current + std::string(words[j]))) > room) {
                    if (!current.empty()) parts.push_back(quoted(current));
                    current = words[j];
                } else {
                    current += words[j];
                }
            }
            if (!current.empty()) parts.push_back(quoted(current));
        }
        return parts;
    }

    std::string out_;
};

}  // namespace

std::string pretty_print(const Value& value) {
    PrettyPrinter printer;
    printer.print(value, 0, 0, 0);
    return printer.take();
}

}  // namespace pomiar::jinja
