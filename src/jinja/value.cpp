#include "jinja/value.hpp"

#include "base/bug.hpp"
#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/objects.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {
namespace {

// Containers are taken apart one after the other, so that a deeply nested value cannot use up the stack.
struct Undertaker {
    bool busy = false;
    std::vector<Shared*> waiting;
};
thread_local Undertaker undertaker;

}  // namespace

void Value::destroy(Kind kind, Shared* shared) noexcept {
    if (kind == Kind::string || kind == Kind::undefined) {
        delete shared;
        return;
    }
    if (undertaker.busy) {
        undertaker.waiting.push_back(shared);
        return;
    }
    undertaker.busy = true;
    delete shared;
    while (!undertaker.waiting.empty()) {
        Shared* next = undertaker.waiting.back();
        undertaker.waiting.pop_back();
        delete next;
    }
    undertaker.busy = false;
}

Value Value::of(Kind kind, Shared* shared, bool safe) noexcept {
    Value value;
    value.kind_ = kind;
    value.flags_ = safe ? 1 : 0;
    value.bits_.shared = shared;
    value.retain();
    return value;
}

Value::Value(std::string text) : Value(make_string(std::move(text), false)) {}

Value Value::safe(std::string html) {
    return make_string(std::move(html), true);
}
Value Value::list(std::vector<Value> items) {
    return make_list(std::move(items), Sequence::list);
}
Value Value::tuple(std::vector<Value> items) {
    return make_list(std::move(items), Sequence::tuple);
}
Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> items) {
    charge_made(sizeof(DictData));
    Value dict = of(Kind::dict, new DictData);
    dict.dict_data().entries.reserve(items.size());
    for (const auto& [key, value] : items) dict.dict_data().set(Value(key), value);
    return dict;
}
Value Value::function(std::string name, Function function) {
    return host(new HostFunction(std::move(name), std::move(function)));
}
Value Value::host(HostObject* adopted) {
    return of(Kind::object, adopted);
}
Value Value::undefined(const std::string& name) {
    return make_undefined(name.empty() ? "undefined value" : "'" + name + "' is undefined");
}

bool Value::as_boolean() const {
    require(kind_ == Kind::boolean, "as_boolean() of a value that is not a boolean");
    return bits_.integer != 0;
}
std::int64_t Value::as_integer() const {
    require(kind_ == Kind::integer || kind_ == Kind::boolean, "as_integer() of a value that is not an integer");
    return bits_.integer;
}
double Value::as_real() const {
    if (kind_ == Kind::real) return bits_.real;
    return static_cast<double>(as_integer());
}
std::string_view Value::text() const {
    require(kind_ == Kind::string, "text() of a value that is not a string");
    return string_data().text;
}
std::size_t Value::size() const {
    if (kind_ == Kind::dict) return dict_data().entries.size();
    if (kind_ == Kind::string) return string_data().text.size();
    require(kind_ == Kind::list, "size() of a value that has none");
    return list_data().items.size();
}

void Value::append(Value item) {
    require(kind_ == Kind::list, "append() to a value that is not a list");
    list_data().items.push_back(std::move(item));
}
void Value::set(std::string_view key, Value value) {
    require(kind_ == Kind::dict, "set() in a value that is not a dict");
    dict_data().set(Value(key), std::move(value));
}
const Value* Value::find(std::string_view key) const {
    require(kind_ == Kind::dict, "find() in a value that is not a dict");
    return dict_data().find(key, hash_text(key));
}
const Value& Value::at(std::size_t index) const {
    require(kind_ == Kind::list && index < list_data().items.size(), "at() past the end of a list");
    return list_data().items[index];
}

std::string Value::print() const {
    std::string out;
    append_text(out, *this);
    return out;
}

StringData& Value::string_data() const noexcept {
    return static_cast<StringData&>(*bits_.shared);
}
ListData& Value::list_data() const noexcept {
    return static_cast<ListData&>(*bits_.shared);
}
DictData& Value::dict_data() const noexcept {
    return static_cast<DictData&>(*bits_.shared);
}
HostObject& Value::host_object() const noexcept {
    return static_cast<HostObject&>(*bits_.shared);
}

const Value* Arguments::get(std::string_view name) const {
    for (std::size_t i = 0; i < named_count; ++i) {
        if (named[i].first.text() == name) return &named[i].second;
    }
    return nullptr;
}

Value HostObject::attribute(std::string_view) const {
    return make_missing();
}
Result<Value> HostObject::call(const Arguments&) const {
    return failure(ErrorKind::invalid, "'" + std::string(type_name()) + "' object is not callable");
}
void HostObject::each_held(const std::function<void(const Value&)>&) const {}

void HostObject::print(std::string& out) const {
    out.append("<").append(type_name()).append(" object>");
}

}  // namespace pomiar::jinja
