#include "web/pages/page_renderer.hpp"

#include <fmt/core.h>

namespace pomiar::web {
namespace {

using jinja::Value;

jinja::Loader loader(std::span<const Embedded> templates) {
    return [templates](std::string_view name) -> Result<std::string> {
        const std::string_view* text = find(templates, name);
        if (text == nullptr) return failure(ErrorKind::not_found, fmt::format("there is no template `{}`", name));
        return std::string(*text);
    };
}

jinja::Translations translations(const std::function<const Language&()>& language) {
    return {.gettext = [language](std::string_view id) { return std::string(language().text(id)); },
            .ngettext = [language](std::string_view one, std::string_view many,
                                   std::int64_t count) { return std::string(language().form(one, many, count)); }};
}

Value links(const OwnPageList& pages) {
    Value list = Value::list();
    if (!pages) return list;
    for (const OwnPage& page : *pages) {
        list.append(
            Value::object({{"name", page.name}, {"title", page.title}, {"href", fmt::format("/pages/{}", page.name)}}));
    }
    return list;
}

}  // namespace

std::string PageRenderer::asset(std::string_view name) const {
    const std::string_view* path = find(parts_.asset_paths, name);
    return path == nullptr ? std::string() : std::string(*path);
}

Value PageRenderer::languages(const Language& current) const {
    Value list = Value::list();
    const auto add = [&](const Language& language) {
        list.append(Value::object(
            {{"code", language.code()}, {"name", language.name()}, {"current", language.code() == current.code()}}));
    };
    add(english());
    for (const Language& language : parts_.languages) add(language);
    return list;
}

Value PageRenderer::frame(const PageFrame& frame) const {
    return Value::object({
        {"title", frame.title},
        {"version", parts_.version},
        {"language", frame.language->code()},
        {"languages", languages(*frame.language)},
        {"theme", frame.theme},
        {"css", asset("app.css")},
        {"js", asset("app.js")},
        {"chart_js", asset("chart.js")},
        {"icon", asset("icon.svg")},
        {"now_ms", frame.now / kMillisecond},
        {"live", frame.live},
        {"signed_in", frame.signed_in},
        {"sign_in", frame.sign_in},
        {"csrf", frame.csrf},
        {"origin", frame.origin},
        {"pages", links(frame.pages)},
        {"own", frame.own},
    });
}

void PageRenderer::add_texts(jinja::Environment& environment, const std::function<const Language&()>& language) {
    environment.translate(translations(language));
}

jinja::Environment& PageRenderer::environment(const Language& language) {
    const auto found = environments_.find(language.code());
    if (found != environments_.end()) return found->second;
    jinja::Environment made({}, loader(parts_.templates));
    add_texts(made, [shown = &language]() -> const Language& { return *shown; });
    return environments_.emplace(language.code(), std::move(made)).first->second;
}

Result<std::string> PageRenderer::render(std::string_view name, const Value& context, const Language& language) {
    auto page = environment(language).load(name);
    if (!page) return failure(std::move(page));
    std::string html;
    if (auto rendered = page->render(context, html); !rendered) return failure(std::move(rendered));
    return html;
}

}  // namespace pomiar::web
