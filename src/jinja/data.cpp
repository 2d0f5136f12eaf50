#include "jinja/data.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "jinja/budget.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {
namespace {

std::uint32_t mix(std::uint64_t bits) {
    bits *= 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>(bits >> 32) | 1u;
}

std::uint32_t hash_real(double value) {
    // A float that is a whole number hashes as the integer it equals.
    if (std::abs(value) < 9.2e18 && std::trunc(value) == value) {
        return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
    }
    return mix(std::bit_cast<std::uint64_t>(value));
}

bool is_key(const Value& entry, std::string_view key) {
    if (!entry.is_string()) return false;
    // Most keys that are not the wanted one already begin otherwise or are of another length.
    const std::string_view text = text_of(entry);
    return text.size() == key.size() && (text.empty() || (text.front() == key.front() && text == key));
}

}  // namespace

bool StringData::is_ascii() const {
    if (is_ascii_ < 0) {
        is_ascii_ = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }) ? 1 : 0;
    }
    return is_ascii_ == 1;
}

std::uint32_t StringData::hash() const {
    if (hash_ == 0) hash_ = hash_text(text);
    return hash_;
}

std::uint32_t hash_text(std::string_view text) {
    return mix(std::hash<std::string_view>{}(text));
}

bool is_hashable(const Value& value) {
    if (!value.is_list()) return !value.is_dict();
    return value.list_data().is_tuple() || value.list_data().sequence == Sequence::range;
}

std::uint32_t hash(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::string:
            return value.string_data().hash();
        case Value::Kind::boolean:
        case Value::Kind::integer:
            return mix(static_cast<std::uint64_t>(value.as_integer()));
        case Value::Kind::real:
            return hash_real(value.as_real());
        case Value::Kind::object:
            return mix(std::bit_cast<std::uintptr_t>(value.shared()));
        case Value::Kind::none:
        case Value::Kind::undefined:
            return 1;
        case Value::Kind::list:
            if (is_hashable(value)) {
                std::uint32_t all = 3;
                for (const Value& item : value.list_data().items) all = mix(all * 31u + hash(item));
                return all;
            }
            [[fallthrough]];
        case Value::Kind::dict:
            break;
    }
    fail("unhashable type: '" + std::string(type_name(value)) + "'");
}

template <class Same>
std::size_t DictData::probe(std::uint32_t wanted, Same&& same) const {
    const std::size_t mask = index_.size() - 1;
    for (std::size_t slot = wanted & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
        const std::size_t at = index_[slot] - 1;
        if (same(entries[at].first)) return at;
    }
    return entries.size();
}

std::size_t DictData::position(const Value& key) const {
    const std::uint32_t wanted = jinja::hash(key);
    if (!index_.empty()) return probe(wanted, [&](const Value& entry) { return equal(entry, key); });
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (equal(entries[i].first, key)) return i;
    }
    return entries.size();
}

const Value* DictData::find(const Value& key) const {
    if (key.is_string()) return find(key.text(), index_.empty() ? 0 : key.string_data().hash());
    const std::size_t at = position(key);
    return at == entries.size() ? nullptr : &entries[at].second;
}

const Value* DictData::find(std::string_view key, std::uint32_t wanted) const {
    if (index_.empty()) {
        for (const Entry& entry : entries) {
            if (is_key(entry.first, key)) return &entry.second;
        }
        return nullptr;
    }
    const std::size_t at = probe(wanted, [&](const Value& entry) { return is_key(entry, key); });
    return at == entries.size() ? nullptr : &entries[at].second;
}

void DictData::set(const Value& key, Value value) {
    const std::size_t at = position(key);
    if (at != entries.size()) {
        entries[at].second = std::move(value);
        return;
    }
    entries.emplace_back(key, std::move(value));
    if (entries.size() <= kScanned) return;
    if (entries.size() * 2 > index_.size()) {
        rebuild();
    } else {
        index_entry(entries.size() - 1);
    }
}

bool DictData::erase(const Value& key) {
    const std::size_t at = position(key);
    if (at == entries.size()) return false;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
    rebuild();
    return true;
}

void DictData::index_entry(std::size_t at) {
    const std::size_t mask = index_.size() - 1;
    std::size_t slot = jinja::hash(entries[at].first) & mask;
    while (index_[slot] != 0) slot = (slot + 1) & mask;
    index_[slot] = static_cast<std::uint32_t>(at + 1);
}

void DictData::rebuild() {
    index_.clear();
    if (entries.size() <= kScanned) return;
    index_.resize(std::bit_ceil(entries.size() * 4));
    for (std::size_t i = 0; i < entries.size(); ++i) index_entry(i);
}

Value make_list(std::vector<Value> items, Sequence sequence) {
    charge_made(sizeof(ListData));
    return Value::of(Value::Kind::list, new ListData(std::move(items), sequence));
}
Value make_string(std::string text, bool safe) {
    charge_made(sizeof(StringData));
    return Value::of(Value::Kind::string, new StringData(std::move(text)), safe);
}
Value make_undefined(std::string message) {
    return Value::of(Value::Kind::undefined, new UndefinedData(std::move(message)));
}
Value make_missing() noexcept {
    return Value::of(Value::Kind::undefined, nullptr);
}
bool is_missing(const Value& value) noexcept {
    return value.is_undefined() && value.shared() == nullptr;
}

}  // namespace pomiar::jinja
