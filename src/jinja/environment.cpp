#include "jinja/environment.hpp"

#include <fmt/core.h>

#include "base/bug.hpp"
#include "jinja/environment_data.hpp"
#include "jinja/failure.hpp"
#include "jinja/parser.hpp"
#include "jinja/renderer.hpp"
#include "jinja/resolver.hpp"

namespace pomiar::jinja {
namespace {

std::unexpected<Error> to_error(Failure failed, TemplateError* details) {
    std::string message = failed.name;
    if (failed.line > 0) message += fmt::format(":{}:{}", failed.line, failed.column);
    if (!message.empty()) message += ": ";
    message += failed.message;
    if (details != nullptr) {
        *details = {failed.kind, std::move(failed.message), std::move(failed.name), failed.line, failed.column};
    }
    return failure(failed.kind, std::move(message));
}

}  // namespace

std::shared_ptr<const CompiledTemplate> EnvironmentData::compile(std::string_view source, std::string name) const {
    auto compiled = std::make_shared<CompiledTemplate>();
    compiled->name = std::move(name);
    try {
        if (source.size() > options.limits.source_bytes) {
            fail(fmt::format("the source has more than {} bytes", options.limits.source_bytes), ErrorKind::too_large);
        }
        compiled->source = normalized(source, options);
        Parser(*compiled, options).parse();
        Resolver(*compiled, vocabulary).resolve();
    } catch (Failure& failed) {
        failed.name = compiled->name;
        throw;
    }
    return compiled;
}

std::shared_ptr<const CompiledTemplate> EnvironmentData::load(std::string_view name) {
    const auto known = cache_.find(name);
    if (known != cache_.end()) return known->second;
    if (!loader_) throw Failure{ErrorKind::not_found, "no loader for this environment specified"};
    Result<std::string> source = loader_(name);
    if (!source) {
        Failure failed{source.error().kind, std::move(source.error().message)};
        failed.template_missing = failed.kind == ErrorKind::not_found;
        throw failed;
    }
    auto compiled = compile(*source, std::string(name));
    cache_.emplace(name, compiled);
    return compiled;
}

Result<> Template::render(const Value& context, std::string& out, TemplateError* error) const {
    require(context.is_dict(), "the context of a template is a dict");
    const std::size_t before = out.size();
    try {
        Renderer renderer(*environment_);
        renderer.render(compiled_, context.dict_data(), out);
    } catch (Failure& failed) {
        out.resize(before);
        return to_error(std::move(failed), error);
    }
    return {};
}

std::string_view Template::name() const {
    return compiled_->name;
}

Environment::Environment(Options options, Loader loader)
    : data_(std::make_unique<EnvironmentData>(options, std::move(loader))) {}
Environment::~Environment() = default;
Environment::Environment(Environment&&) noexcept = default;
Environment& Environment::operator=(Environment&&) noexcept = default;

void Environment::add_global(std::string_view name, Value value) {
    data_->vocabulary.add_global(name, std::move(value));
}
void Environment::add_function(std::string_view name, Function function) {
    add_global(name, Value::function(std::string(name), std::move(function)));
}
void Environment::add_filter(std::string name, Function function) {
    data_->vocabulary.add_filter(std::move(name), std::move(function));
}
void Environment::add_test(std::string name, Function function) {
    data_->vocabulary.add_test(std::move(name), std::move(function));
}

void Environment::translate(Translations translations) {
    require(translations.gettext && translations.ngettext, "translations have both their functions");
    data_->translations = std::move(translations);
}

Result<Template> Environment::load(std::string_view name, TemplateError* error) {
    try {
        return Template(*data_, data_->load(name));
    } catch (Failure& failed) {
        return to_error(std::move(failed), error);
    }
}

Result<Template> Environment::compile(std::string_view source, std::string name, TemplateError* error) {
    try {
        return Template(*data_, data_->compile(source, std::move(name)));
    } catch (Failure& failed) {
        return to_error(std::move(failed), error);
    }
}

void Environment::forget() {
    data_->forget();
}

}  // namespace pomiar::jinja
