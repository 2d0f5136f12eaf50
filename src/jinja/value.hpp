// What templates compute with: a small dynamic value with Python's kinds and Python's behaviour.
// Owns:    strings, lists, dicts and objects are shared by reference count, as in Python: copying a Value copies 16
// bytes. Thread:  the counts are not atomic. A Value, and all that it reaches, belongs to one thread at a time. Errors:
// the host's accessors require the right kind (a BUG otherwise); ask is_...() or kind() first. Limits:  integers are
// 64-bit; what would pass them is an error in a template, never a wrong number.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace pomiar::jinja {

// Base of everything a Value refers to.
class Shared {
  public:
    Shared() = default;
    // The count belongs to the place, not to what is in it.
    Shared(const Shared&) {}
    Shared& operator=(const Shared&) { return *this; }
    virtual ~Shared() = default;

  private:
    friend class Value;
    std::uint32_t references_ = 0;
};

class Value;
class HostObject;
struct StringData;
struct ListData;
struct DictData;
struct Arguments;

// A function of the host, callable from templates.
using Function = std::function<Result<Value>(const Arguments&)>;

class Value {
  public:
    enum class Kind : std::uint8_t {
        undefined,  // a name, attribute or item that is not there
        none,
        boolean,
        integer,
        real,
        string,
        list,  // also tuples and the lists behind dict views, see Sequence
        dict,
        object,  // functions, macros, loops, modules, and the host's own
    };

    Value() noexcept = default;  // none
    Value(std::nullptr_t) noexcept {}
    template <std::same_as<bool> T>  // no pointer becomes a boolean
    Value(T v) noexcept : kind_(Kind::boolean) {
        bits_.integer = v ? 1 : 0;
    }
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    Value(T v) noexcept : kind_(Kind::integer) {
        static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "an unsigned 64-bit number may not fit: convert it first");
        bits_.integer = static_cast<std::int64_t>(v);
    }
    Value(double v) noexcept : kind_(Kind::real) { bits_.real = v; }
    Value(std::string text);
    Value(std::string_view text) : Value(std::string(text)) {}
    Value(const char* text) : Value(std::string(text)) {}

    // A text that is HTML already and is never escaped again.
    static Value safe(std::string html);
    static Value list(std::vector<Value> items = {});
    static Value tuple(std::vector<Value> items = {});
    // A dict; its keys keep this order. Of equal keys the last wins.
    static Value object(std::initializer_list<std::pair<std::string_view, Value>> items = {});
    static Value function(std::string name, Function function);
    static Value host(HostObject* adopted);  // takes ownership
    static Value undefined(const std::string& name = {});

    Value(const Value& other) noexcept : kind_(other.kind_), flags_(other.flags_), bits_(other.bits_) { retain(); }
    Value(Value&& other) noexcept : kind_(other.kind_), flags_(other.flags_), bits_(other.bits_) {
        other.kind_ = Kind::none;
        other.flags_ = 0;
    }
    Value& operator=(const Value& other) noexcept {
        Value copy(other);
        swap(copy);
        return *this;
    }
    Value& operator=(Value&& other) noexcept {
        Value taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Value() { release(); }
    void swap(Value& other) noexcept {
        std::swap(kind_, other.kind_);
        std::swap(flags_, other.flags_);
        std::swap(bits_, other.bits_);
    }

    Kind kind() const noexcept { return kind_; }
    bool is_undefined() const noexcept { return kind_ == Kind::undefined; }
    bool is_none() const noexcept { return kind_ == Kind::none; }
    bool is_boolean() const noexcept { return kind_ == Kind::boolean; }
    bool is_integer() const noexcept { return kind_ == Kind::integer; }
    bool is_real() const noexcept { return kind_ == Kind::real; }
    bool is_string() const noexcept { return kind_ == Kind::string; }
    bool is_list() const noexcept { return kind_ == Kind::list; }
    bool is_dict() const noexcept { return kind_ == Kind::dict; }
    bool is_object() const noexcept { return kind_ == Kind::object; }
    bool is_safe() const noexcept { return kind_ == Kind::string && flags_ != 0; }

    bool as_boolean() const;
    std::int64_t as_integer() const;
    double as_real() const;         // an integer is converted
    std::string_view text() const;  // of a string; lives as long as the string
    std::size_t size() const;       // items of a list or dict, bytes of a string

    // Building and reading lists and dicts from the host.
    void append(Value item);
    void set(std::string_view key, Value value);
    const Value* find(std::string_view key) const;  // in a dict; nothing if absent. Valid until the dict changes
    const Value& at(std::size_t index) const;       // in a list

    // What {{ value }} prints with autoescape off.
    std::string print() const;

    // Inside the room: the parts behind the handle, of the kind that was asked for.
    StringData& string_data() const noexcept;
    ListData& list_data() const noexcept;
    DictData& dict_data() const noexcept;
    HostObject& host_object() const noexcept;
    Shared* shared() const noexcept { return has_shared() ? bits_.shared : nullptr; }
    // Takes part in the counting of `shared`, which may be new.
    static Value of(Kind kind, Shared* shared, bool safe = false) noexcept;

  private:
    bool has_shared() const noexcept {
        return kind_ >= Kind::string || (kind_ == Kind::undefined && bits_.shared != nullptr);
    }
    void retain() const noexcept {
        if (has_shared()) ++bits_.shared->references_;
    }
    void release() noexcept {
        if (has_shared() && --bits_.shared->references_ == 0) destroy(kind_, bits_.shared);
    }
    static void destroy(Kind kind, Shared* shared) noexcept;

    Kind kind_ = Kind::none;
    std::uint8_t flags_ = 0;  // of a string: 1 if safe
    union Bits {
        std::int64_t integer = 0;
        double real;
        Shared* shared;
    } bits_;
};

static_assert(sizeof(Value) == 16);

// What a function, filter or test is called with. A filter's or test's input is the first of `positional`.
struct Arguments {
    const Value* positional = nullptr;
    std::size_t count = 0;
    const std::pair<Value, Value>* named = nullptr;  // name (a string), value
    std::size_t named_count = 0;
    bool autoescape = true;

    const Value* get(std::size_t index) const { return index < count ? positional + index : nullptr; }
    const Value* get(std::string_view name) const;
    std::vector<Value> from(std::size_t index) const { return {positional + index, positional + count}; }
    // The argument at `index` or called `name`.
    const Value* get(std::size_t index, std::string_view name) const {
        const Value* found = get(index);
        return found != nullptr ? found : get(name);
    }
};

// A thing of the host's that templates can look into and call. Deleted with the last Value that refers to it.
class HostObject : public Shared {
  public:
    virtual std::string_view type_name() const = 0;
    // object.name and object['name']; undefined Values and "not there" are the same.
    virtual Value attribute(std::string_view name) const;
    virtual bool is_callable() const { return false; }
    virtual Result<Value> call(const Arguments& arguments) const;
    // What {{ object }} prints; the default is "<type_name object>".
    virtual void print(std::string& out) const;
    // What it prints as inside a list or dict.
    virtual void print_inside(std::string& out) const { print(out); }
    // Shows each Value that it holds on to: a list must not come to hold itself by way of an object in it.
    virtual void each_held(const std::function<void(const Value&)>& show) const;
    // Inside the room: which of the language's own objects this is.
    virtual int internal_type() const { return 0; }
};

}  // namespace pomiar::jinja
