// Whole templates in the renderer: roots, blocks, extends, include and import.
#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"

namespace pomiar::jinja {
namespace {

void add_blocks(Context& context, const CompiledTemplate& compiled) {
    for (const Block* block : compiled.blocks) {
        (*context.blocks)[block->name->text()].push_back({block, &compiled});
    }
}

}  // namespace

void Renderer::run_root(const CompiledTemplate& compiled, const std::shared_ptr<Context>& context) {
    add_blocks(*context, compiled);
    context->of = compiled.name;
    deeper();
    const std::size_t depth = depth_;
    const CompiledTemplate* from = template_;
    const bool suppressed = std::exchange(suppressed_, false);
    const bool autoescape = std::exchange(autoescape_, environment_.options.autoescape);
    auto parent = std::exchange(parent_, nullptr);
    std::shared_ptr<Frame> caller = frame_;
    for (const CompiledTemplate* next = &compiled; next != nullptr; next = parent_.get()) {
        if (next != &compiled) deeper();
        parent_ = nullptr;
        suppressed_ = false;
        run_body(*next, context);
    }
    frame_ = std::move(caller);
    parent_ = std::move(parent);
    autoescape_ = autoescape;
    suppressed_ = suppressed;
    template_ = from;
    depth_ = depth - 1;
}

void Renderer::run_body(const CompiledTemplate& compiled, const std::shared_ptr<Context>& context) {
    budget_.stack();
    template_ = &compiled;
    frame_ = std::make_shared<Frame>(entangled_, nullptr, context, compiled.slots);
    if (compiled.uses_self) frame_->slots[compiled.self.index] = Value::host(new SelfObject(context));
    enter(compiled.scope);
    execute(compiled.body);
}

void Renderer::extend(const Extends& extends) {
    const Value name = evaluate(*extends.parent);
    at(extends.place);
    if (parent_ != nullptr) fail("extended multiple times");
    parent_ = load(name);
    add_blocks(*frame_->context, *parent_);
    suppressed_ = true;
}

void Renderer::run_block_statement(const Block& block) {
    if (block.top_level && parent_ != nullptr && suppressed_) return;
    at(block.place);
    const std::string_view name = block.name->text();
    if (block.required && frame_->context->blocks->at(name).size() <= 1) {
        fail(fmt::format("Required block '{}' not found", name));
    }
    std::shared_ptr<Context> context = frame_->context;
    if (block.scoped) {
        context = new_context(true, block.visible);
        context->blocks = frame_->context->blocks;
    }
    run_block(context, name, 0);
}

void Renderer::run_block(const std::shared_ptr<Context>& context, std::string_view name, std::size_t index) {
    deeper();
    budget_.stack();
    const BlockDefinition definition = context->blocks->at(name)[index];
    const Block& block = *definition.block;
    std::shared_ptr<Frame> caller =
        std::exchange(frame_, std::make_shared<Frame>(entangled_, nullptr, context, block.slots));
    const CompiledTemplate* from = std::exchange(template_, definition.owner);
    const bool suppressed = std::exchange(suppressed_, false);
    // What an autoescape around it says does not reach into a block.
    const bool autoescape = std::exchange(autoescape_, environment_.options.autoescape);
    if (block.uses_self) frame_->slots[block.self.index] = Value::host(new SelfObject(context));
    if (block.uses_super) frame_->slots[block.super.index] = super_block(context, block.name->text(), index);
    enter(block.scope);
    execute(block.body);
    autoescape_ = autoescape;
    suppressed_ = suppressed;
    template_ = from;
    frame_ = std::move(caller);
    --depth_;
}

std::shared_ptr<const CompiledTemplate> Renderer::load(const Value& name) {
    require_defined(name);
    if (!name.is_string()) fail(fmt::format("a template's name must be a text, not {}", type_name(name)));
    auto loaded = environment_.load(name.text());
    used_.push_back(loaded);
    return loaded;
}

std::shared_ptr<const CompiledTemplate> Renderer::load_first(const Value& names) {
    if (!names.is_list()) return load(names);
    std::string tried;
    for (const Value& name : items_of(names)) {
        try {
            return load(name);
        } catch (const Failure& failed) {
            if (!failed.template_missing) throw;
        }
        tried += fmt::format("{}{}", tried.empty() ? "" : ", ", name.text());
    }
    throw Failure{.kind = ErrorKind::not_found,
                  .message = tried.empty() ? "Tried to select from an empty list of templates."
                                           : "none of the templates given were found: " + tried,
                  .template_missing = true};
}

std::shared_ptr<Context> Renderer::new_context(bool with_context, std::span<const VisibleName> visible) {
    auto context = std::make_shared<Context>(entangled_);
    context->globals = frame_->context->globals;
    context->of = frame_->context->of;
    if (!with_context) return context;
    context->around = frame_->context;
    for (const VisibleName& name : visible) {
        const Value& value = variable(name.slot);
        if (!is_missing(value)) context->locals.set(*name.name, value);
    }
    return context;
}

void Renderer::run_include(const Include& include) {
    const Value name = evaluate(*include.name);
    at(include.place);
    std::shared_ptr<const CompiledTemplate> included;
    try {
        included = load_first(name);
    } catch (const Failure& failed) {
        if (!include.ignore_missing || !failed.template_missing) throw;
        return;
    }
    run_root(*included, new_context(include.with_context, include.visible));
}

Value Renderer::module(const Value& name, bool with_context, std::span<const VisibleName> visible) {
    const auto compiled = load(name);
    if (!with_context) {
        for (const auto& [known, made] : modules_) {
            if (known == compiled.get()) return made;
        }
    }
    auto* object = new ModuleObject;
    object->name = compiled->name;
    Value made = Value::host(object);
    const auto context = new_context(with_context, visible);
    object->body = captured([&] { run_root(*compiled, context); }).text();
    for (const auto& [exported, unused] : context->exported.entries) {
        if (const Value* value = context->variables.find(exported)) object->exports.set(exported, *value);
    }
    if (!with_context) modules_.emplace_back(compiled.get(), made);
    return made;
}

void Renderer::run_import(const Import& import) {
    const Value name = evaluate(*import.name);
    at(import.place);
    Value made = module(name, import.with_context, import.visible);
    assign(*import.target, std::move(made));
    if (import.target->exported) frame_->context->exported.erase(*import.target->name_value);
}

void Renderer::run_from_import(const FromImport& import) {
    const Value name = evaluate(*import.name);
    at(import.place);
    const Value made = module(name, import.with_context, import.visible);
    for (const ImportedName& wanted : import.names) {
        Value value = made.host_object().attribute(wanted.name->text());
        if (is_missing(value)) {
            value = make_undefined(
                fmt::format("the template '{}' (imported on line {} in '{}') does not export the requested name '{}'",
                            to_text(name), import.place.line, template_->name, wanted.name->text()));
        }
        assign(*wanted.target, std::move(value));
        if (wanted.target->exported) frame_->context->exported.erase(*wanted.target->name_value);
    }
}

}  // namespace pomiar::jinja
