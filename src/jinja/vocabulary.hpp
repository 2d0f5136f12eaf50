// The filters, tests and global names that templates know: the language's own and the host's.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "jinja/builtin.hpp"
#include "jinja/data.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

extern const std::span<const Builtin> kTextFilters, kHtmlFilters, kNumberFilters, kSequenceFilters, kSelectFilters;
extern const std::span<const Builtin> kTests, kGlobals, kTranslators;

// A filter or test: one of the language's own, one of the host's, or none.
struct Callee {
    const Builtin* builtin = nullptr;
    const Function* function = nullptr;
    explicit operator bool() const { return builtin != nullptr || function != nullptr; }
};

class Vocabulary {
  public:
    Vocabulary();

    Callee filter(std::string_view name) const { return find(filters_, name); }
    Callee test(std::string_view name) const { return find(tests_, name); }
    const DictData& globals() const { return globals_; }

    void add_global(std::string_view name, Value value) { globals_.set(Value(name), std::move(value)); }
    void add_filter(std::string name, Function function) { add(filters_, std::move(name), std::move(function)); }
    void add_test(std::string name, Function function) { add(tests_, std::move(name), std::move(function)); }

  private:
    struct Word {
        const Builtin* builtin = nullptr;
        Function function;
    };
    using Words = std::map<std::string, Word, std::less<>>;

    static Callee find(const Words& words, std::string_view name);
    static void add(Words& words, std::string name, Function function);

    Words filters_, tests_;
    DictData globals_;
};

}  // namespace pomiar::jinja
