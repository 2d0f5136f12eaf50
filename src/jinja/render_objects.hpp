// Objects that run parts of a template: macros, blocks, and imported templates.
#pragma once

#include <memory>
#include <string>

#include "jinja/context.hpp"
#include "jinja/objects.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {

struct MacroObject final : HostObject {
    static constexpr int kType = ObjectType::kMacro;
    std::string_view type_name() const override { return "Macro"; }
    bool is_callable() const override { return true; }
    Value attribute(std::string_view name) const override;
    void print(std::string& out) const override;
    int internal_type() const override { return kType; }

    const MacroBody* body = nullptr;
    const Value* name = nullptr;  // nothing for a caller
    const CompiledTemplate* owner = nullptr;
    std::shared_ptr<Frame> around;
    bool autoescape = true;  // where it is defined
};

struct ModuleObject final : HostObject {
    static constexpr int kType = ObjectType::kModule;
    std::string_view type_name() const override { return "TemplateModule"; }
    Value attribute(std::string_view wanted) const override {
        const Value* found = exports.find(wanted, hash_text(wanted));
        return found != nullptr ? *found : make_missing();
    }
    void print(std::string& out) const override { out.append(body); }
    void print_inside(std::string& out) const override {
        out.append("<TemplateModule ");
        append_quoted(out, name);
        out.append(">");
    }
    int internal_type() const override { return kType; }

    void each_held(const std::function<void(const Value&)>& show) const override {
        for (const auto& [exported, value] : exports.entries) show(value);
    }

    std::string name;  // of the template
    DictData exports;
    std::string body;
};

// super, and self.name: one definition of a block.
struct BlockObject final : HostObject {
    static constexpr int kType = ObjectType::kBlock;
    BlockObject(std::shared_ptr<Context> c, std::string_view n, std::size_t i)
        : context(std::move(c)), name(n), index(i) {}
    std::string_view type_name() const override { return "BlockReference"; }
    bool is_callable() const override { return true; }
    Value attribute(std::string_view wanted) const override;
    int internal_type() const override { return kType; }

    const std::shared_ptr<Context> context;
    const std::string_view name;
    const std::size_t index;
};

// `self`.
struct SelfObject final : HostObject {
    static constexpr int kType = ObjectType::kSelf;
    explicit SelfObject(std::shared_ptr<Context> c) : context(std::move(c)) {}
    std::string_view type_name() const override { return "TemplateReference"; }
    Value attribute(std::string_view name) const override;
    void print(std::string& out) const override;
    int internal_type() const override { return kType; }

    const std::shared_ptr<Context> context;
};

// The definition after `index`, or an undefined value that says there is none.
Value super_block(const std::shared_ptr<Context>& context, std::string_view name, std::size_t index);

}  // namespace pomiar::jinja
