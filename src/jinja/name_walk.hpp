// Goes through all names that statements read and assign, in their order, but not into blocks.
#pragma once

#include <functional>
#include <string_view>

#include "jinja/ast.hpp"

namespace pomiar::jinja {

enum class NameUse : std::uint8_t { load, store };
using NameVisitor = std::function<void(std::string_view name, NameUse use, Place place)>;

void walk_names(const Expression* expression, const NameVisitor& visit);
void walk_names(const Target& target, const NameVisitor& visit);
void walk_names(const Statement& statement, const NameVisitor& visit);
void walk_names(Statements statements, const NameVisitor& visit);

// Whether the name is read before anything there assigns it.
bool reads_name(Statements statements, std::string_view name);

}  // namespace pomiar::jinja
