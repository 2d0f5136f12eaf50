#include "cli/config/load.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/config/address.hpp"
#include "cli/config/setting.hpp"
#include "cli/config/toml_file.hpp"

namespace pomiar::cli {
namespace {

constexpr std::string_view kPrefix = "POMIAR_";
constexpr std::string_view kFileVariable = "POMIAR_CONFIG";

std::string unknown(std::string_view what, std::string_view name, std::string_view nearest) {
    if (nearest.empty()) return fmt::format("unknown {} {}; without it, `pomiar config` lists all", what, name);
    return fmt::format("unknown {} {}, did you mean {}?", what, name, nearest);
}

class Loading {
  public:
    Loading() : loaded_{{}, std::vector<std::string>(settings().size(), "default")} {
        for (const auto& setting : settings()) {
            if (auto r = assign(setting, loaded_.configuration, setting.initial); !r)
                problem(setting.key, r.error().message);
        }
    }

    void file(FileSystem& files, const Sources& sources) {
        const auto path = file_path(sources);
        auto text = read_whole(files, path.name, kConfigurationBytesMax);
        if (!text && text.error().kind == ErrorKind::not_found && path.may_be_missing) return;
        if (!text) return problem("configuration", text.error().message);
        auto entries = read_toml(*text);
        if (!entries) return problems_.push_back(fmt::format("{}:{}", path.name, entries.error().message));
        for (const auto& entry : *entries) take(entry, fmt::format("{}:{}", path.name, entry.line));
    }

    void environment(const Sources& sources) {
        for (const auto& [name, value] : sources.environment) {
            if (!name.starts_with(kPrefix) || name == kFileVariable) continue;
            const auto found =
                std::ranges::find(settings(), name, [](const Setting& s) { return environment_name(s.key); });
            if (found != settings().end()) {
                set(*found, value, name);
            } else if (is_meant_for_us(name)) {
                const auto nearest = nearest_key(key_of(name));
                problem("environment", unknown("variable", name, nearest.empty() ? "" : environment_name(nearest)));
            }
        }
    }

    void flags(const Sources& sources) {
        std::vector<std::pair<const Setting*, std::string>> seen;  // a repeated flag adds to its list
        for (const auto& flag : sources.flags) {
            const Setting* setting = find_setting(flag.key);
            auto before = std::ranges::find(seen, setting, &std::pair<const Setting*, std::string>::first);
            if (before == seen.end()) before = seen.emplace(seen.end(), setting, "");
            before->second += (before->second.empty() ? "" : ",") + flag.value;
            set(*setting, before->second, flag.name);
        }
    }

    // What single values cannot see.
    void together() {
        const Configuration& c = loaded_.configuration;
        if (c.tls.certificate.empty() != c.tls.key.empty()) {
            const std::string_view given = c.tls.key.empty() ? "tls.certificate" : "tls.key";
            problem(origin(given),
                    fmt::format("{} needs {} beside it", given, c.tls.key.empty() ? "tls.key" : "tls.certificate"));
        }
        if (std::ranges::any_of(c.server.listen, is_unix_address))
            problem(origin("server.listen"), "server.listen takes no unix: address; server.plain does");
        if (std::ranges::any_of(c.server.redirect, is_unix_address))
            problem(origin("server.redirect"), "server.redirect takes no unix: address");
        if (!c.server.redirect.empty() && c.server.listen.empty())
            problem(origin("server.redirect"), "server.redirect leads to server.listen, which is empty");
        if (c.server.listen.empty() && c.server.plain.empty())
            problem(origin("server.listen"), "server.listen and server.plain are both empty: nobody could connect");
        if (!c.backup.to.empty() && !c.backup.to.starts_with('/'))
            problem(origin("backup.to"), "backup.to must be a whole path, from / on");
        if (c.backup.to.find('\n') != std::string::npos) problem(origin("backup.to"), "backup.to holds a line end");
        if (c.logging.file != "stderr" && (!c.logging.file.starts_with('/') || c.logging.file.ends_with('/')))
            problem(origin("log.file"), "log.file must be stderr or the whole path of a file, from / on");
        if (c.storage.path.empty()) problem(origin("storage.path"), "storage.path is empty");
        if (c.memory.limit < 4 * c.server.body)
            problem(origin("server.body"), fmt::format("server.body may be at most a quarter of memory.limit, {}",
                                                       format_size(c.memory.limit / 4)));
    }

    std::expected<Loaded, Problems> finish() {
        if (problems_.empty()) together();
        if (!problems_.empty()) return std::unexpected(std::move(problems_));
        return std::move(loaded_);
    }

  private:
    struct Path {
        std::string name;
        bool may_be_missing;
    };

    static Path file_path(const Sources& sources) {
        if (!sources.file.empty()) return {sources.file, false};
        const auto named =
            std::ranges::find(sources.environment, kFileVariable, &std::pair<std::string, std::string>::first);
        if (named != sources.environment.end() && !named->second.empty()) return {named->second, false};
        return {std::string(kDefaultConfigurationPath), true};
    }

    // "POMIAR_STORAGE_SNYC" -> "storage.snyc".
    static std::string key_of(std::string_view name) {
        std::string key = lower(name.substr(kPrefix.size()));
        if (const auto underscore = key.find('_'); underscore != std::string::npos) key[underscore] = '.';
        return key;
    }

    // Others may have variables with our prefix too: Kubernetes tells every container about a service called "pomiar"
    // in POMIAR_SERVICE_HOST and more. What names one of our sections, or nearly one of our keys, is meant for us.
    static bool is_meant_for_us(std::string_view name) {
        const std::string key = key_of(name);
        const auto section = std::string_view(key).substr(0, key.find('.') + 1);
        return std::ranges::any_of(settings(), [&](const Setting& setting) {
            return (!section.empty() && setting.key.starts_with(section)) || edit_distance(setting.key, key) <= 2;
        });
    }

    void take(const FileEntry& entry, const std::string& where) {
        using Kind = FileEntry::Kind;
        const Setting* setting = find_setting(entry.key);
        if (setting == nullptr) return problem(where, unknown("key", entry.key, nearest_key(entry.key)));
        const Member member = setting->member(loaded_.configuration);
        bool fits = entry.kind == Kind::text;
        if (std::holds_alternative<bool*>(member)) fits = entry.kind == Kind::boolean;
        if (std::holds_alternative<std::uint32_t*>(member)) fits = entry.kind == Kind::integer;
        if (std::holds_alternative<std::uint64_t*>(member)) fits = fits || entry.kind == Kind::integer;
        if (std::holds_alternative<std::vector<std::string>*>(member)) fits = entry.kind == Kind::list;
        if (std::holds_alternative<std::vector<http::Network>*>(member)) fits = entry.kind == Kind::list;
        if (!fits) return problem(where, fmt::format("{}: expected {}", entry.key, kind_of(*setting)));
        set(*setting, entry.text, where);
    }

    void set(const Setting& setting, std::string_view text, const std::string& where) {
        if (auto r = assign(setting, loaded_.configuration, text); !r)
            return problem(where, fmt::format("{}: {}", setting.key, r.error().message));
        loaded_.origins[static_cast<std::size_t>(&setting - settings().data())] = where;
    }

    std::string_view origin(std::string_view key) const {
        return loaded_.origins[static_cast<std::size_t>(find_setting(key) - settings().data())];
    }

    void problem(std::string_view where, std::string_view what) {
        problems_.push_back(fmt::format("{}: {}", where, what));
    }

    Loaded loaded_;
    Problems problems_;
};

}  // namespace

std::expected<Loaded, Problems> load(FileSystem& files, const Sources& sources) {
    Loading loading;
    loading.file(files, sources);
    loading.environment(sources);
    loading.flags(sources);
    return loading.finish();
}

std::vector<std::pair<std::string, std::string>> pomiar_environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (text.starts_with(kPrefix) && equals != std::string_view::npos)
            variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    std::ranges::sort(variables);
    return variables;
}

std::string print(const Loaded& loaded) {
    std::string out;
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const Setting& setting = settings()[i];
        const std::string line = fmt::format("{} = {}", setting.key, value_text(setting, loaded.configuration));
        out += fmt::format("{:<44} # {}\n", line, loaded.origins[i]);
    }
    return out;
}

}  // namespace pomiar::cli
