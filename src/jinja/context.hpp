// The variables one template sees from outside, those it exports, and its blocks.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/compiled.hpp"
#include "jinja/data.hpp"
#include "jinja/entangled.hpp"

namespace pomiar::jinja {

// One definition of a block. Those of one name stand in a row, the most derived template's first.
struct BlockDefinition {
    const Block* block;
    const CompiledTemplate* owner;
};
using Blocks = std::map<std::string_view, std::vector<BlockDefinition>>;

struct Context final : Entangled {
    explicit Context(Row& row) : Entangled(row) {}

    // Set at the top level, then locals given on, then what is around, then the globals. Nothing if nowhere.
    const Value* find(const Value& name) const {
        const std::string_view text = name.text();
        const std::uint32_t hash = name.string_data().hash();
        for (const Context* context = this; context != nullptr; context = context->around.get()) {
            for (const DictData* layer : {&context->variables, &context->locals}) {
                if (layer->entries.empty()) continue;
                if (const Value* found = layer->find(text, hash)) return found;
            }
            if (context->base != nullptr) {
                if (const Value* found = context->base->find(text, hash)) return found;
            }
        }
        return globals->find(text, hash);
    }

    std::string_view of;  // the name of the template it was made for
    const DictData* globals = nullptr;
    const DictData* base = nullptr;   // what the host gave
    std::shared_ptr<Context> around;  // the including template's
    DictData locals;
    DictData variables;
    DictData exported;  // names only
    std::shared_ptr<Blocks> blocks = std::make_shared<Blocks>();

  private:
    void let_go() override { const DictData dropped[] = {std::exchange(locals, {}), std::exchange(variables, {})}; }
};

// The variables of a running root, block, macro or recursive loop.
struct Frame final : Entangled {
    Frame(Row& row, std::shared_ptr<Frame> o, std::shared_ptr<Context> c, std::size_t slot_count)
        : Entangled(row), outer(std::move(o)), context(std::move(c)), slots(slot_count) {}

    std::shared_ptr<Frame> outer;
    std::shared_ptr<Context> context;
    std::vector<Value> slots;

  private:
    void let_go() override { const std::vector<Value> dropped = std::exchange(slots, {}); }
};

}  // namespace pomiar::jinja
