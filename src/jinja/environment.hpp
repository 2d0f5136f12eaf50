// Where templates come from and what they can use: options, a loader, the host's own globals, filters and tests.
// Owns:    the compiled templates, cached by name until forget(). Templates borrow the Environment, which must outlive
//          them, and stay valid after forget().
// Thread:  one at a time, with all its templates and the Values given to them (see value.hpp).
// Errors:  messages read "name:line:column: what"; a TemplateError has the parts. invalid: the template is at fault;
//          not_found: no such template; too_large: a limit (options.hpp); what a loader or function returned is kept.
// Source:  the template language of Jinja2 3.1; docs/templates.md says what is supported.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "jinja/options.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

// An error with its place. Line and column count from 1; the column in bytes; 0 where no place is known.
struct TemplateError {
    ErrorKind kind = ErrorKind::invalid;
    std::string message;  // without the place
    std::string name;     // of the template
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

// Source text by name. ErrorKind::not_found if there is none by that name: `include ... ignore missing` relies on it.
using Loader = std::function<Result<std::string>(std::string_view name)>;

struct CompiledTemplate;
class EnvironmentData;

class Template {
  public:
    // Appends to `out`, which is as it was before if this fails. `context` is a dict.
    // With `error`, the error's parts are stored there too.
    Result<> render(const Value& context, std::string& out, TemplateError* error = nullptr) const;
    std::string_view name() const;

  private:
    friend class Environment;
    Template(EnvironmentData& environment, std::shared_ptr<const CompiledTemplate> compiled)
        : environment_(&environment), compiled_(std::move(compiled)) {}

    EnvironmentData* environment_;
    std::shared_ptr<const CompiledTemplate> compiled_;
};

// The texts of another language. Each function gives the text itself for what it does not know. A text with a context,
// as of pgettext('menu', 'Open'), is asked for as "menu\4Open", as in gettext's own catalogs.
struct Translations {
    std::function<std::string(std::string_view id)> gettext;
    std::function<std::string(std::string_view one, std::string_view many, std::int64_t n)> ngettext;
};

class Environment {
  public:
    explicit Environment(Options options = {}, Loader loader = {});
    ~Environment();
    Environment(Environment&&) noexcept;
    Environment& operator=(Environment&&) noexcept;

    // All before the first template that uses them is compiled. A second one by a name replaces the first.
    void add_global(std::string_view name, Value value);
    void add_function(std::string_view name, Function function);
    void add_filter(std::string name, Function function);
    void add_test(std::string name, Function function);  // returns a boolean

    // What _(), gettext(), ngettext(), pgettext(), npgettext() and {% trans %} of all renderings to come say; without
    // it texts stay as they are. Both functions are set.
    void translate(Translations translations);

    // By name through the loader, compiled once.
    Result<Template> load(std::string_view name, TemplateError* error = nullptr);
    // From a text, not cached.
    Result<Template> compile(std::string_view source, std::string name = "<template>", TemplateError* error = nullptr);
    // Empties the cache: the next load() of each name asks the loader again.
    void forget();

  private:
    std::unique_ptr<EnvironmentData> data_;
};

}  // namespace pomiar::jinja
