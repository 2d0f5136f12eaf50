// The language's own objects that need nothing of the renderer: functions, namespaces, cyclers, joiners and loops.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/builtin.hpp"
#include "jinja/data.hpp"
#include "jinja/entangled.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

struct ObjectType {
    enum : int {
        kHost,
        kHostFunction,
        kBuiltin,
        kMethod,
        kNamespace,
        kCycler,
        kJoiner,
        kStep,
        kLoop,
        kMacro,
        kModule,
        kBlock,
        kSelf
    };
};

// The object behind a value, if it is of this class.
template <class T>
T* object_cast(const Value& value) {
    if (!value.is_object() || value.host_object().internal_type() != T::kType) return nullptr;
    return static_cast<T*>(value.shared());
}

class HostFunction final : public HostObject {
  public:
    static constexpr int kType = ObjectType::kHostFunction;
    HostFunction(std::string name, Function function) : name_(std::move(name)), function_(std::move(function)) {}
    std::string_view type_name() const override { return "function"; }
    bool is_callable() const override { return true; }
    Result<Value> call(const Arguments& arguments) const override { return function_(arguments); }
    void print(std::string& out) const override { out.append("<function ").append(name_).append(">"); }
    int internal_type() const override { return kType; }

  private:
    const std::string name_;
    const Function function_;
};

// range, dict, namespace ...
struct BuiltinFunction final : HostObject {
    static constexpr int kType = ObjectType::kBuiltin;
    explicit BuiltinFunction(const Builtin& b) : builtin(b) {}
    std::string_view type_name() const override { return "function"; }
    bool is_callable() const override { return true; }
    void print(std::string& out) const override { out.append("<function ").append(builtin.name).append(">"); }
    int internal_type() const override { return kType; }

    const Builtin& builtin;
};

// A method together with its object: `text.upper` before it is called.
struct BoundMethod final : HostObject {
    static constexpr int kType = ObjectType::kMethod;
    BoundMethod(Value o, const Builtin& m) : object(std::move(o)), method(m) {}
    std::string_view type_name() const override { return "builtin_function_or_method"; }
    bool is_callable() const override { return true; }
    void print(std::string& out) const override;
    int internal_type() const override { return kType; }

    void each_held(const std::function<void(const Value&)>& show) const override { show(object); }

    const Value object;
    const Builtin& method;
};

struct NamespaceObject final : HostObject, Entangled {
    static constexpr int kType = ObjectType::kNamespace;
    explicit NamespaceObject(Row& row) : Entangled(row) {}
    std::string_view type_name() const override { return "Namespace"; }
    Value attribute(std::string_view name) const override;
    void print(std::string& out) const override;
    int internal_type() const override { return kType; }

    DictData attributes;

  private:
    void let_go() override { const DictData dropped = std::exchange(attributes, {}); }
};

struct CyclerObject final : HostObject {
    static constexpr int kType = ObjectType::kCycler;
    explicit CyclerObject(std::vector<Value> i) : items(std::move(i)) {}
    std::string_view type_name() const override { return "Cycler"; }
    Value attribute(std::string_view name) const override;
    int internal_type() const override { return kType; }

    void each_held(const std::function<void(const Value&)>& show) const override { std::ranges::for_each(items, show); }

    const std::vector<Value> items;
    std::size_t position = 0;
};

struct JoinerObject final : HostObject {
    static constexpr int kType = ObjectType::kJoiner;
    explicit JoinerObject(Value s) : separator(std::move(s)) {}
    std::string_view type_name() const override { return "Joiner"; }
    bool is_callable() const override { return true; }
    int internal_type() const override { return kType; }

    void each_held(const std::function<void(const Value&)>& show) const override { show(separator); }

    const Value separator;
    bool used = false;
};

enum class Step : std::uint8_t { cycler_next, cycler_reset, loop_cycle, loop_changed };

// A method of a cycler or loop together with it.
struct StepFunction final : HostObject {
    static constexpr int kType = ObjectType::kStep;
    StepFunction(Value o, Step s) : owner(std::move(o)), step(s) {}
    std::string_view type_name() const override { return "method"; }
    bool is_callable() const override { return true; }
    int internal_type() const override { return kType; }

    void each_held(const std::function<void(const Value&)>& show) const override { show(owner); }

    const Value owner;
    const Step step;
};
Value run_step(const Value& owner, Step step, const Arguments& arguments);

enum class LoopField : std::uint8_t {
    none,
    index,
    index0,
    revindex,
    revindex0,
    first,
    last,
    length,
    depth,
    depth0,
    previtem,
    nextitem,
    cycle,
    changed
};
LoopField loop_field(std::string_view name);

struct ForStatement;
struct Frame;

// `loop` inside a for block.
struct LoopObject final : HostObject {
    static constexpr int kType = ObjectType::kLoop;
    explicit LoopObject(std::vector<Value> i) : items(std::move(i)) {}
    std::string_view type_name() const override { return "LoopContext"; }
    Value attribute(std::string_view name) const override { return field(loop_field(name)); }
    bool is_callable() const override { return true; }
    void print(std::string& out) const override;
    int internal_type() const override { return kType; }
    Value field(LoopField wanted) const;
    std::size_t length() const { return items.size(); }
    void each_held(const std::function<void(const Value&)>& show) const override {
        std::ranges::for_each(items, show);
        show(last_changed);
    }

    std::vector<Value> items;
    std::size_t index0 = 0;
    std::size_t depth0 = 0;
    Value last_changed = make_missing();
    // For loop(children): the loop's own block and the variables around it.
    const ForStatement* recursive = nullptr;
    std::shared_ptr<Frame> around;
};

}  // namespace pomiar::jinja
