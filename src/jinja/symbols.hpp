// Which variables one scope of a template has, and where each gets its first value. The rules are Jinja2's, so that a
// name set in a loop does not leak, one set in only one branch of an if is otherwise the outer one, and so on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "jinja/ast.hpp"

namespace pomiar::jinja {

// A part of the template that runs in a frame of its own: a root, a block, a macro, a recursive loop.
struct FrameLayout {
    std::uint16_t depth = 0;
    std::uint16_t slots = 0;
};

// A variable's place, seen from nowhere in particular.
struct Reference {
    std::uint16_t depth;
    std::uint16_t index;
};

class Symbols {
  public:
    Symbols(const Symbols* parent, FrameLayout& layout);

    FrameLayout& layout() const { return *layout_; }
    std::optional<Reference> find(std::string_view name) const;
    void load(std::string_view name);          // the name is read here
    void store(std::string_view name);         // the name is assigned here
    Reference declare(std::string_view name);  // the name is a parameter, set from outside

    // For the branches of an if: each is analysed in a copy, and what they found comes back.
    Symbols branch() const { return *this; }
    void merge(const std::vector<Symbols>& branches);

    struct Entry {
        enum class From : std::uint8_t { parameter, context, outer, nothing };
        std::uint16_t index;
        From from;
        Reference outer;
    };
    const std::map<std::string_view, Entry>& entries() const { return entries_; }
    // Every variable assigned here or around, with its innermost place.
    std::map<std::string_view, Reference> visible() const;

  private:
    Entry& define(std::string_view name, Entry::From from, Reference outer = {});

    const Symbols* parent_;
    FrameLayout* layout_;
    // One slot per name and scope, also across the branches of an if.
    std::shared_ptr<std::map<std::string_view, std::uint16_t>> slots_;
    std::map<std::string_view, Entry> entries_;
    std::set<std::string_view> stores_;
};

}  // namespace pomiar::jinja
