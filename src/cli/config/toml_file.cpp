#include "cli/config/toml_file.hpp"

#include <algorithm>

#include <fmt/core.h>

// toml++ 3.3 asserts in parse_key() what "[=x]" does not hold, and reports it properly right after.
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace pomiar::cli {
namespace {

using Kind = FileEntry::Kind;

// A list of texts without commas in them; anything else is `other`.
void read_list(const toml::array& array, FileEntry& entry) {
    entry.kind = Kind::list;
    for (const auto& element : array) {
        const auto* text = element.as_string();
        if (text == nullptr || text->get().find(',') != std::string::npos) {
            entry.kind = Kind::other;
            return;
        }
        if (!entry.text.empty()) entry.text += ',';
        entry.text += text->get();
    }
}

FileEntry read_value(std::string key, const toml::node& node) {
    FileEntry entry{std::move(key), {}, Kind::other, static_cast<std::size_t>(node.source().begin.line)};
    if (const auto* text = node.as_string()) {
        entry.kind = Kind::text;
        entry.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
        entry.kind = Kind::integer;
        entry.text = fmt::format("{}", integer->get());
    } else if (const auto* boolean = node.as_boolean()) {
        entry.kind = Kind::boolean;
        entry.text = boolean->get() ? "true" : "false";
    } else if (const auto* array = node.as_array()) {
        read_list(*array, entry);
    }
    return entry;
}

// Sections hold keys; a table below a section is an entry of its own, which no setting takes.
void flatten(const toml::table& table, const std::string& prefix, std::vector<FileEntry>& out) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const auto* section = node.as_table(); section != nullptr && prefix.empty()) {
            flatten(*section, name + ".", out);
        } else {
            out.push_back(read_value(name, node));
        }
    }
}

std::string describe(const toml::parse_error& error) {
    std::string_view what = error.description();
    if (const auto colon = what.find(": "); what.starts_with("Error while parsing ") && colon != std::string_view::npos)
        what.remove_prefix(colon + 2);
    const std::string_view hint =
        what == "could not determine value type" ? "; texts, sizes and lengths of time stand in quotes" : "";
    return fmt::format("{}: not TOML at column {}: {}{}", error.source().begin.line, error.source().begin.column, what,
                       hint);
}

}  // namespace

Result<std::vector<FileEntry>> read_toml(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        return failure(ErrorKind::invalid, describe(parsed.error()));
    }
    std::vector<FileEntry> entries;
    flatten(parsed.table(), "", entries);
    std::ranges::stable_sort(entries, {}, &FileEntry::line);
    return entries;
}

}  // namespace pomiar::cli
