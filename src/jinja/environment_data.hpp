// What an Environment and its templates share.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "jinja/chance.hpp"
#include "jinja/compiled.hpp"
#include "jinja/environment.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {

class EnvironmentData {
  public:
    EnvironmentData(const Options& chosen, Loader loader)
        : options(chosen), chance(chosen.seed), loader_(std::move(loader)) {}

    // Fail (failure.hpp) with the place.
    std::shared_ptr<const CompiledTemplate> compile(std::string_view source, std::string name) const;
    std::shared_ptr<const CompiledTemplate> load(std::string_view name);
    void forget() { cache_.clear(); }

    const Options options;
    Vocabulary vocabulary;
    Chance chance;
    Translations translations;  // empty: texts stay as they are

  private:
    Loader loader_;
    std::map<std::string, std::shared_ptr<const CompiledTemplate>, std::less<>> cache_;
};

}  // namespace pomiar::jinja
