// One template, parsed and resolved, with all the memory that its parts live in.
// Thread:  that of its Environment: its constants are Values.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "jinja/arena.hpp"
#include "jinja/ast.hpp"

namespace pomiar::jinja {

struct CompiledTemplate {
    CompiledTemplate() = default;
    CompiledTemplate(const CompiledTemplate&) = delete;
    CompiledTemplate& operator=(const CompiledTemplate&) = delete;

    std::string name;
    std::string source;  // with its newlines made "\n"
    Arena arena;
    std::deque<Value> constants;  // stay where they are
    std::deque<std::string> texts;

    Statements body;
    Scope scope;
    std::uint16_t slots = 0;
    bool uses_self = false;
    Slot self{};
    std::vector<Block*> blocks;
};

}  // namespace pomiar::jinja
