#include "web/page_renderer.hpp"

#include <fmt/core.h>

namespace pomiar::web {
namespace {

jinja::Loader loader(std::span<const Embedded> templates) {
    return [templates](std::string_view name) -> Result<std::string> {
        const std::string_view* text = find(templates, name);
        if (text == nullptr) return failure(ErrorKind::not_found, fmt::format("there is no template `{}`", name));
        return std::string(*text);
    };
}

}  // namespace

PageRenderer::PageRenderer(std::span<const Embedded> templates, std::span<const Embedded> asset_paths,
                           std::string version)
    : environment_({}, loader(templates)), asset_paths_(asset_paths), version_(std::move(version)) {}

std::string PageRenderer::asset(std::string_view name) const {
    const std::string_view* path = find(asset_paths_, name);
    return path == nullptr ? std::string() : std::string(*path);
}

jinja::Value PageRenderer::frame(const PageFrame& frame) const {
    return jinja::Value::object({
        {"title", frame.title},
        {"version", version_},
        {"css", asset("app.css")},
        {"js", asset("app.js")},
        {"icon", asset("icon.svg")},
        {"now_ms", frame.now / kMillisecond},
        {"live", frame.live},
        {"signed_in", frame.signed_in},
        {"sign_in", frame.sign_in},
        {"csrf", frame.csrf},
        {"origin", frame.origin},
    });
}

Result<std::string> PageRenderer::render(std::string_view name, const jinja::Value& context) {
    auto page = environment_.load(name);
    if (!page) return failure(std::move(page));
    std::string html;
    if (auto rendered = page->render(context, html); !rendered) return failure(std::move(rendered));
    return html;
}

}  // namespace pomiar::web
