#include "http/router.hpp"

#include <array>
#include <map>
#include <utility>

#include "base/bug.hpp"
#include "base/text.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::other) + 1;

struct Named {
    Router::Route route;
    std::vector<std::string> names;  // of the pattern's parameters, in order
};

std::string decoded(std::string_view segment) {
    return percent_decode(segment).value_or(std::string(segment));
}

}  // namespace

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> rest;
    std::array<std::unique_ptr<Named>, kMethods> methods;

    using Visit = std::function<bool(const Node&, const std::vector<std::string_view>&)>;
    // Calls `visit` for each node that the path leads to, most literal first, until it gives true. The depth is that
    // of the patterns, whatever the path. `path` has no leading slash.
    bool walk(std::string_view path, bool at_end, std::vector<std::string_view>& values, const Visit& visit) const;
};

bool Router::Node::walk(std::string_view path, bool at_end, std::vector<std::string_view>& values,
                        const Visit& visit) const {
    if (at_end) return visit(*this, values);
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    const std::string_view remaining = last ? std::string_view() : path.substr(slash + 1);

    const auto literal =
        segment.find('%') == std::string_view::npos ? literals.find(segment) : literals.find(decoded(segment));
    if (literal != literals.end() && literal->second->walk(remaining, last, values, visit)) return true;
    if (segment.empty() && !rest) return false;
    if (parameter && !segment.empty()) {
        values.push_back(segment);
        if (parameter->walk(remaining, last, values, visit)) return true;
        values.pop_back();
    }
    if (rest && !path.empty()) {
        values.push_back(path);
        if (visit(*rest, values)) return true;
        values.pop_back();
    }
    return false;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

Router& Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
    require(pattern.starts_with('/'), "a route's pattern starts with /");
    if (method == Method::get) {
        if (options.body_bytes_max == 0) options.body_bytes_max = kGetBodyBytesMax;
        if (options.decompressed_bytes_max == 0) options.decompressed_bytes_max = kGetBodyBytesMax;
    }
    auto named = std::make_unique<Named>(Named{{std::move(handler), std::move(options)}, {}});
    Node* node = root_.get();
    const auto segments = split(pattern.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        std::string_view segment = segments[i];
        std::unique_ptr<Node>* next = nullptr;
        if (segment.starts_with('{')) {
            require(segment.size() > 2 && segment.ends_with('}'), "a route's parameter is a whole segment: {name}");
            segment = segment.substr(1, segment.size() - 2);
            const bool takes_rest = segment.ends_with('*');
            require(!takes_rest || i + 1 == segments.size(), "{name*} comes last in a pattern");
            if (takes_rest) segment.remove_suffix(1);
            named->names.emplace_back(segment);
            next = takes_rest ? &node->rest : &node->parameter;
        } else {
            next = &node->literals[std::string(segment)];
        }
        if (!*next) *next = std::make_unique<Node>();
        node = next->get();
    }
    auto& place = node->methods[static_cast<std::size_t>(method)];
    require(!place, "a route is added twice");
    place = std::move(named);
    return *this;
}

Router& Router::get(std::string_view pattern, Handler handler, RouteOptions options) {
    return add(Method::get, pattern, std::move(handler), std::move(options));
}

Router& Router::post(std::string_view pattern, Handler handler, RouteOptions options) {
    return add(Method::post, pattern, std::move(handler), std::move(options));
}

Router& Router::before(Filter filter) {
    filters_.push_back(std::move(filter));
    return *this;
}

Router& Router::after(Finish finish) {
    finishes_.push_back(std::move(finish));
    return *this;
}

Router& Router::otherwise(ProblemWriter writer) {
    otherwise_ = std::move(writer);
    return *this;
}

const Router::Route* Router::match(Request& request, std::string& allow) const {
    allow.clear();
    if (!request.path.starts_with('/')) return nullptr;
    const Method method = request.method == Method::head ? Method::get : request.method;
    std::array<bool, kMethods> known{};
    const Named* found = nullptr;
    std::vector<std::string_view> values;
    root_->walk(request.path.substr(1), false, values, [&](const Node& node, const auto&) {
        for (std::size_t i = 0; i < kMethods; ++i) known[i] = known[i] || node.methods[i];
        found = node.methods[static_cast<std::size_t>(method)].get();
        return found != nullptr;
    });
    if (found) {
        request.route = &found->route.options;
        request.parameters.clear();
        for (std::size_t i = 0; i < values.size(); ++i)
            request.parameters.emplace_back(found->names[i], decoded(values[i]));
        return &found->route;
    }
    known[static_cast<std::size_t>(Method::head)] = known[static_cast<std::size_t>(Method::get)];
    for (std::size_t i = 0; i < kMethods - 1; ++i) {
        if (!known[i] || static_cast<Method>(i) == Method::options) continue;
        if (!allow.empty()) allow += ", ";
        allow += method_name(static_cast<Method>(i));
    }
    if (!allow.empty()) allow += ", OPTIONS";
    return nullptr;
}

const ProblemWriter& Router::writer_at(std::string_view target) const {
    static const ProblemWriter none;
    const ProblemWriter* found = &none;
    const std::string_view path = target.substr(0, target.find('?'));
    if (!path.starts_with('/')) return none;
    std::vector<std::string_view> values;
    root_->walk(path.substr(1), false, values, [&](const Node& node, const auto&) {
        for (const auto& named : node.methods) {
            if (named && named->route.options.problem) found = &named->route.options.problem;
            if (*found) return true;
        }
        return false;
    });
    return *found;
}

}  // namespace pomiar::http
