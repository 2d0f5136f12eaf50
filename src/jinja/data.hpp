// What stands behind a Value's handle: texts, sequences, dicts and undefined things.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/value.hpp"

namespace pomiar::jinja {

struct StringData final : Shared {
    explicit StringData(std::string t) : text(std::move(t)) {}
    bool is_ascii() const;
    std::uint32_t hash() const;

    const std::string text;  // UTF-8

  private:
    mutable std::uint32_t hash_ = 0;     // 0: not computed yet
    mutable std::int8_t is_ascii_ = -1;  // -1: not computed yet
};

// The text of what is known to be a string.
inline std::string_view text_of(const Value& string) {
    return static_cast<const StringData*>(string.shared())->text;
}

// Python has many sequences; they share one representation and differ in what they print and allow.
enum class Sequence : std::uint8_t { list, tuple, group, range, keys, values, items, generator, reversed };

struct RangeBounds {
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t step = 1;
};

struct ListData final : Shared {
    ListData(std::vector<Value> i, Sequence s) : items(std::move(i)), sequence(s) {}
    // Generators and reversed lists are used up by reading them.
    bool is_iterator() const { return sequence == Sequence::generator || sequence == Sequence::reversed; }
    bool is_tuple() const { return sequence == Sequence::tuple || sequence == Sequence::group; }

    std::vector<Value> items;
    std::size_t taken = 0;  // of an iterator
    RangeBounds range;      // of a range, what it prints
    Sequence sequence;
};

// Keeps the order of insertion. Up to kScanned entries are searched one by one, more through a hash index.
struct DictData final : Shared {
    using Entry = std::pair<Value, Value>;
    static constexpr std::size_t kScanned = 8;

    const Value* find(const Value& key) const;  // fails for a key without a hash
    const Value* find(std::string_view key, std::uint32_t hash) const;
    void set(const Value& key, Value value);
    bool erase(const Value& key);

    std::vector<Entry> entries;

  private:
    std::size_t position(const Value& key) const;  // entries.size() if absent
    template <class Same>
    std::size_t probe(std::uint32_t hash, Same&& same) const;
    void index_entry(std::size_t position);
    void rebuild();

    std::vector<std::uint32_t> index_;  // position + 1, 0 is free; a power of two, at most half full
};

struct UndefinedData final : Shared {
    UndefinedData(std::string m) : message(std::move(m)) {}
    const std::string message;  // what is raised when it is used
};

std::uint32_t hash_text(std::string_view text);
bool is_hashable(const Value& value);  // not lists and dicts
// Python's hash(): equal values have equal hashes. Fails for what is not hashable.
std::uint32_t hash(const Value& value);

Value make_list(std::vector<Value> items, Sequence sequence = Sequence::list);
Value make_string(std::string text, bool safe);
// An undefined value that raises `message` when used.
Value make_undefined(std::string message);
// "missing": a variable that has no value at all, and a parameter not given. Never seen by a template.
Value make_missing() noexcept;
bool is_missing(const Value& value) noexcept;

}  // namespace pomiar::jinja
