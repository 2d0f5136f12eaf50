// The header fields of one message, in their order, in one flat piece of memory. Names compare without regard to case.
// Views it gives are valid until the next change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::http {

struct HeaderView {
    std::string_view name;
    std::string_view value;
};

class Headers {
  public:
    // A name or value with CR, LF or NUL is a mistake of the caller's and stops the program: check what comes from
    // outside with is_field_value().
    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);          // in place of all of that name
    void set_default(std::string_view name, std::string_view value);  // unless there is one of that name
    void remove(std::string_view name);
    void clear();

    std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
    std::string_view get(std::string_view name) const;                  // the first, or ""
    bool has(std::string_view name) const;
    // Whether a comma-separated list such as Connection or Accept-Encoding names `token` (parameters aside).
    bool names(std::string_view name, std::string_view token) const;

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    HeaderView operator[](std::size_t index) const;

    // "name: value\r\n" for each.
    void append_to(std::string& out) const;

  private:
    struct Field {
        std::uint32_t name;  // offsets into text_
        std::uint32_t value;
        std::uint32_t end;
    };
    std::string text_;
    std::vector<Field> fields_;
};

bool is_field_value(std::string_view text);

}  // namespace pomiar::http
