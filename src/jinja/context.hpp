// The variables one template sees from outside, those it exports, and its blocks.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "jinja/compiled.hpp"
#include "jinja/data.hpp"

namespace pomiar::jinja {

// One definition of a block. Those of one name stand in a row, the most derived template's first.
struct BlockDefinition {
    const Block* block;
    const CompiledTemplate* owner;
};
using Blocks = std::map<std::string_view, std::vector<BlockDefinition>>;

struct Context {
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

    const DictData* globals = nullptr;
    const DictData* base = nullptr;   // what the host gave
    std::shared_ptr<Context> around;  // the including template's
    DictData locals;
    DictData variables;
    DictData exported;  // names only
    std::shared_ptr<Blocks> blocks = std::make_shared<Blocks>();
};

// The variables of a running root, block, macro or recursive loop.
struct Frame {
    Frame(std::shared_ptr<Frame> o, std::shared_ptr<Context> c, std::size_t slot_count)
        : outer(std::move(o)), context(std::move(c)), slots(slot_count) {}

    std::shared_ptr<Frame> outer;
    std::shared_ptr<Context> context;
    std::vector<Value> slots;
    bool captured = false;  // a macro refers to it
};

}  // namespace pomiar::jinja
