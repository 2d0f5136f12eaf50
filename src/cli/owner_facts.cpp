#include "cli/owner_facts.hpp"

#include "cli/config/setting.hpp"

namespace pomiar::cli {
namespace {

std::optional<web::CertificateState> certificate_state(const Certificates& certificates) {
    const auto facts = certificates.facts();
    if (!facts) return std::nullopt;
    web::CertificateState state{.is_own = facts->is_own, .ends = facts->ends, .names = facts->subject.names};
    state.names.insert(state.names.end(), facts->subject.addresses.begin(), facts->subject.addresses.end());
    return state;
}

}  // namespace

std::shared_ptr<const web::OwnerFacts> owner_facts(const Loaded& loaded, const Certificates* certificates,
                                                   upkeep::DailyBackup* backups) {
    auto facts = std::make_shared<web::OwnerFacts>();
    const Configuration& configuration = loaded.configuration;
    facts->budget = configuration.storage.budget;
    facts->memory_limit = configuration.memory.limit;
    facts->keep = {configuration.retention.raw, configuration.retention.rollup_5m, configuration.retention.rollup_1h,
                   configuration.retention.rollup_1d};
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const Setting& setting = settings()[i];
        facts->settings.push_back({std::string(setting.key), value_text(setting, configuration), loaded.origins[i],
                                   std::string(setting.help)});
    }
    if (certificates != nullptr) facts->certificate = [certificates] { return certificate_state(*certificates); };
    if (backups != nullptr) facts->back_up_now = [backups] { backups->ask(); };
    return facts;
}

}  // namespace pomiar::cli
