#include "jinja/vocabulary.hpp"

#include "jinja/objects.hpp"

namespace pomiar::jinja {

Vocabulary::Vocabulary() {
    for (const auto& group : {kTextFilters, kHtmlFilters, kNumberFilters, kSequenceFilters, kSelectFilters}) {
        for (const Builtin& filter : group) filters_[std::string(filter.name)].builtin = &filter;
    }
    for (const Builtin& test : kTests) tests_[std::string(test.name)].builtin = &test;
    for (const auto& group : {kGlobals, kTranslators}) {
        for (const Builtin& global : group) add_global(global.name, Value::host(new BuiltinFunction(global)));
    }
}

Callee Vocabulary::find(const Words& words, std::string_view name) {
    const auto found = words.find(name);
    if (found == words.end()) return {};
    const Word& word = found->second;
    return {word.builtin, word.builtin == nullptr ? &word.function : nullptr};
}

void Vocabulary::add(Words& words, std::string name, Function function) {
    // The word stays where it is, for templates that are compiled already.
    Word& word = words[std::move(name)];
    word.builtin = nullptr;
    word.function = std::move(function);
}

}  // namespace pomiar::jinja
