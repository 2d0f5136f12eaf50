#include "jinja/symbols.hpp"

#include "jinja/failure.hpp"

namespace pomiar::jinja {

Symbols::Symbols(const Symbols* parent, FrameLayout& layout)
    : parent_(parent), layout_(&layout), slots_(std::make_shared<std::map<std::string_view, std::uint16_t>>()) {}

Symbols::Entry& Symbols::define(std::string_view name, Entry::From from, Reference outer) {
    const auto [slot, is_new] = slots_->try_emplace(name, layout_->slots);
    if (is_new) {
        if (layout_->slots == UINT16_MAX) fail("more than 65535 variables in one template", ErrorKind::too_large);
        ++layout_->slots;
    }
    return entries_[name] = {slot->second, from, outer};
}

std::optional<Reference> Symbols::find(std::string_view name) const {
    for (const Symbols* scope = this; scope != nullptr; scope = scope->parent_) {
        const auto found = scope->entries_.find(name);
        if (found != scope->entries_.end()) return Reference{scope->layout_->depth, found->second.index};
    }
    return std::nullopt;
}

void Symbols::load(std::string_view name) {
    if (!find(name)) define(name, Entry::From::context);
}

void Symbols::store(std::string_view name) {
    stores_.insert(name);
    if (entries_.contains(name)) return;
    const auto outer = parent_ != nullptr ? parent_->find(name) : std::nullopt;
    define(name, outer ? Entry::From::outer : Entry::From::nothing, outer.value_or(Reference{}));
}

Reference Symbols::declare(std::string_view name) {
    stores_.insert(name);
    return {layout_->depth, define(name, Entry::From::parameter).index};
}

void Symbols::merge(const std::vector<Symbols>& branches) {
    std::map<std::string_view, std::size_t> stored_in;
    for (const Symbols& branch : branches) {
        for (const std::string_view name : branch.stores_) {
            if (!stores_.contains(name)) ++stored_in[name];
        }
    }
    for (const Symbols& branch : branches) {
        for (const auto& [name, entry] : branch.entries_) entries_[name] = entry;
        stores_.insert(branch.stores_.begin(), branch.stores_.end());
    }
    for (const auto& [name, count] : stored_in) {
        if (count == branches.size()) continue;
        const auto outer = parent_ != nullptr ? parent_->find(name) : std::nullopt;
        define(name, outer ? Entry::From::outer : Entry::From::context, outer.value_or(Reference{}));
    }
}

std::map<std::string_view, Reference> Symbols::visible() const {
    std::map<std::string_view, Reference> names;
    for (const Symbols* scope = this; scope != nullptr; scope = scope->parent_) {
        for (const std::string_view name : scope->stores_) {
            if (!names.contains(name)) names.emplace(name, *find(name));
        }
    }
    return names;
}

}  // namespace pomiar::jinja
