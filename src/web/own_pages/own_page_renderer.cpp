#include "web/own_pages/own_page_renderer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"

namespace pomiar::web {
namespace {

using jinja::TemplateError;
using jinja::Value;

constexpr std::string_view kPlace = "pages/";
constexpr std::string_view kEnd = ".html";
constexpr std::uint32_t kLinesAround = 3;
constexpr std::size_t kLineBytesMax = 200;

// What a page may use while the other pages wait for it.
constexpr jinja::Limits kLimits{.source_bytes = OwnPageFiles::kBytesMax,
                                .nesting = 60,
                                .depth = 40,
                                .steps = 1'000'000,
                                .stack_bytes = std::size_t{1} << 20,
                                .output_bytes = std::size_t{1} << 20,
                                .string_bytes = std::size_t{256} << 10,
                                .loop_turns = 100'000,
                                .range_items = 10'000,
                                .time = PageSource::kTimeMax};

jinja::Options options_for(const Clock& clock) {
    jinja::Options options;
    options.seed = static_cast<std::uint64_t>(clock.now());
    options.clock = &clock;
    options.limits = kLimits;
    return options;
}

// "pages/garden.html" and "garden.html" are both the file garden.
std::string_view file_of(std::string_view name) {
    if (name.starts_with(kPlace)) name.remove_prefix(kPlace.size());
    if (name.ends_with(kEnd)) name.remove_suffix(kEnd.size());
    return name;
}

std::string shortened(std::string_view line) {
    if (line.size() <= kLineBytesMax) return std::string(line);
    std::size_t end = kLineBytesMax;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    return std::string(line.substr(0, end)) + "…";
}

}  // namespace

OwnPageRenderer::OwnPageRenderer(const PagesOptions& options, const Clock& clock)
    : templates_(options.templates),
      clock_(clock),
      labels_(options.labels),
      files_(options.own_pages),
      frames_({options.templates, options.asset_paths, options.languages, options.version}),
      environment_(options_for(clock), [this](std::string_view name) { return source(name); }),
      functions_(environment_) {
    PageRenderer::add_texts(environment_, [this]() -> const Language& { return *language_; });
}

// The product's own template by that name, else the owner's. One below pages/ is always the owner's.
Result<std::string> OwnPageRenderer::source(std::string_view name) {
    if (const std::string_view* text = web::find(templates_, name)) return std::string(*text);
    if (!name.ends_with(kEnd)) return failure(ErrorKind::not_found, fmt::format("there is no template `{}`", name));
    return files_->read(std::string(file_of(name)));
}

std::optional<TemplateError> OwnPageRenderer::render(storage::Snapshot& snapshot, const Wish& wish, std::string& html) {
    TemplateError error;
    auto page = environment_.load(fmt::format("{}{}{}", kPlace, wish.name, kEnd), &error);
    if (!page) return error;
    const auto labels = labels_->current();
    PageSource source(snapshot, clock_, wish.only, {*language_, *labels, clock_.now()});
    functions_.work_with(&source);
    const auto rendered = page->render(Value::object({{"page", frames_.frame(frame_of(wish))}}), html, &error);
    functions_.work_with(nullptr);
    if (!rendered) return error;
    return std::nullopt;
}

// With what the loop does not know: the page's title, and the list with it.
PageFrame OwnPageRenderer::frame_of(const Wish& wish) {
    PageFrame frame = wish.frame;
    const auto find = [&] { return std::ranges::find(*frame.pages, wish.name, &OwnPage::name); };
    frame.pages = files_->list();
    // One that is not listed as there are too many is not looked for each time.
    if (find() == frame.pages->end() && frame.pages->size() < OwnPageFiles::kPagesMax) {
        files_->look_at_once();
        frame.pages = files_->list();
    }
    frame.title = find() == frame.pages->end() ? wish.name : find()->title;
    return frame;
}

Result<OwnPageRenderer::Made> OwnPageRenderer::make(storage::Snapshot& snapshot, const Wish& wish) {
    files_->look(clock_.monotonic());
    language_ = wish.frame.language;
    if (files_->changed()) {
        environment_.forget();
        files_->forget();
        faults_.clear();
    }
    const auto known = faults_.find(wish.name);
    if (known != faults_.end() && clock_.monotonic() < known->second.until) return fault(wish, known->second.error);
    Made made;
    const auto error = render(snapshot, wish, made.html);
    if (!error) return made;
    const bool is_entry = error->line == 0 && file_of(error->name).empty();
    if (is_entry && (error->kind == ErrorKind::not_found || error->kind == ErrorKind::denied)) {
        return failure(error->kind, error->message);
    }
    remember(wish.name, *error);
    return fault(wish, *error);
}

// The log tells each once.
void OwnPageRenderer::remember(const std::string& name, const TemplateError& error) {
    if (faults_.size() >= OwnPageFiles::kPagesMax && !faults_.contains(name)) faults_.clear();
    Fault& fault = faults_[name];
    if (fault.error.message != error.message || fault.error.line != error.line) {
        log::warning("{}{}{}: {}:{}: {}", kPlace, name, kEnd, error.name, error.line, error.message);
    }
    fault = {error, error.kind == ErrorKind::too_large ? clock_.monotonic() + kRest : 0};
}

Result<OwnPageRenderer::Made> OwnPageRenderer::fault(const Wish& wish, const TemplateError& error) {
    if (!wish.shows_fault) return failure(ErrorKind::invalid, "this page is at fault; its owner sees why");
    auto page = environment_.load("own_page_fault.html");
    if (!page) return failure(std::move(page));
    const std::string name(file_of(error.name.empty() ? wish.name : error.name));
    const Value values = Value::object({{"message", error.message},
                                        {"name", fmt::format("{}{}{}", kPlace, name, kEnd)},
                                        {"line", error.line},
                                        {"column", error.column},
                                        {"excerpt", excerpt(error)}});
    Made made{.html = {}, .failed = true};
    const Value context = Value::object({{"page", frames_.frame(frame_of(wish))}, {"fault", values}});
    if (auto rendered = page->render(context, made.html); !rendered) return failure(std::move(rendered));
    return made;
}

// The lines around the place: {number, text, failing}.
Value OwnPageRenderer::excerpt(const TemplateError& error) {
    Value lines = Value::list();
    if (error.line == 0) return lines;
    const std::string_view* ours = web::find(templates_, error.name);
    const auto text = ours != nullptr ? Result<std::string>(*ours) : files_->text(std::string(file_of(error.name)));
    if (!text) return lines;
    const std::vector<std::string_view> all = split(*text, '\n');
    const std::uint32_t first = error.line > kLinesAround ? error.line - kLinesAround : 1;
    for (std::uint32_t number = first; number <= error.line + kLinesAround && number <= all.size(); ++number) {
        lines.append(Value::object(
            {{"number", number}, {"text", shortened(all[number - 1])}, {"failing", number == error.line}}));
    }
    return lines;
}

}  // namespace pomiar::web
