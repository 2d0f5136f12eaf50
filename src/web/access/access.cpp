#include "web/access/access.hpp"

#include "base/log.hpp"

namespace pomiar::access {
namespace {

constexpr Nanoseconds kLookInterval = kSecond;  // how late a revoked token is noticed, at most

}  // namespace

std::string_view name(Refusal refusal) {
    constexpr std::string_view kNames[] = {"", "password", "link", "wait", "busy", "failed"};
    return kNames[static_cast<std::size_t>(refusal)];
}

std::string first_token_of(std::string_view session) {
    return std::string(kTokenPrefix) + derive(session, "pomiar first token");
}

std::string csrf_of(std::string_view secret) {
    return derive(secret, "pomiar csrf");
}

Access::Access(FileSystem& files, const Clock& clock, Executor& loop, std::string directory,
               std::shared_ptr<AccessShared> shared)
    : file_(files, std::move(directory)), clock_(clock), loop_(loop), shared_(std::move(shared)) {}

Result<> Access::reload() {
    version_ = file_.version();  // before reading: a change in between is seen the next time
    looked_ = clock_.monotonic();
    auto state = file_.read();
    if (!state) return failure(std::move(state));
    take(std::move(*state));
    return {};
}

void Access::take(AccessState state) {
    state_ = std::move(state);
    tokens_.clear();
    for (std::size_t i = 0; i < state_.tokens.size(); ++i) tokens_.emplace(state_.tokens[i].digest, Known{i});
    sessions_.clear();
    for (std::size_t i = 0; i < state_.sessions.size(); ++i) {
        sessions_.emplace(state_.sessions[i].digest, Known{i});
        if (const auto& address = state_.sessions[i].from.address; !address.empty())
            shared_->throttle.remember(address);
    }
}

// Other loops and the card hear of a use once in a while only.
void Access::note_use(const Digest& digest, Known& known) {
    if (clock_.monotonic() - known.noted < kUseGrain) return;
    known.noted = clock_.monotonic();
    shared_->uses.note(digest);
    if (shared_->uses.is_due()) (void)worker_.post([this] { write_uses(); });
}

void Access::reload_if_changed() {
    looked_ = clock_.monotonic();
    if (file_.version() == version_) return;
    if (auto r = reload(); !r) log::error("{}; tokens and sessions known before stay in force", r.error().message);
}

std::optional<Principal> Access::find_token(const Digest& digest) {
    const auto found = tokens_.find(digest);
    if (found == tokens_.end()) return std::nullopt;
    note_use(digest, found->second);
    const StoredToken& token = state_.tokens[found->second.index];
    return Principal{
        .via = Principal::Via::token, .can = token.can, .name = token.name, .only = token.only, .credential = digest};
}

std::optional<Principal> Access::by_token(std::string_view token) {
    if (clock_.monotonic() - looked_ >= kLookInterval) reload_if_changed();
    // Only the digest is compared: how long that takes says nothing about the token.
    const Digest wanted = digest(token);
    if (auto principal = find_token(wanted)) return principal;
    reload_if_changed();
    return find_token(wanted);
}

std::optional<Principal> Access::by_session(std::string_view secret) {
    if (clock_.monotonic() - looked_ >= kLookInterval) reload_if_changed();
    const Digest wanted = digest(secret);
    if (!has_session(wanted)) reload_if_changed();  // another loop may have made it just now
    if (!has_session(wanted)) return std::nullopt;
    note_use(wanted, sessions_.at(wanted));
    return Principal{.via = Principal::Via::session, .can = Can::admin, .csrf = csrf_of(secret), .credential = wanted};
}

bool Access::has_session(const Digest& digest) const {
    const auto found = sessions_.find(digest);
    return found != sessions_.end() && state_.sessions[found->second.index].expires > clock_.now();
}

bool Access::is_in_force(const Principal& principal) const {
    if (principal.via == Principal::Via::token) return principal.credential && tokens_.contains(*principal.credential);
    if (principal.via == Principal::Via::session) return principal.credential && has_session(*principal.credential);
    return true;
}

Result<std::optional<std::string>> Access::begin_setup() {
    std::optional<std::string> key;
    auto state = file_.update([&](AccessState& changed) -> Result<> {
        if (changed.password.empty()) key = start_setup(changed);
        return {};
    });
    if (!state) return failure(std::move(state));
    take(std::move(*state));
    version_ = file_.version();
    return key;
}

bool Access::has_password() {
    reload_if_changed();
    return !state_.password.empty();
}

bool Access::had_password() {
    if (clock_.monotonic() - looked_ >= kLookInterval) reload_if_changed();
    return !state_.password.empty();
}

bool Access::is_setup_key(std::string_view key) {
    return !has_password() && state_.setup && digest(key) == *state_.setup;
}

AccessState Access::now_known() {
    reload_if_changed();
    AccessState state = state_;
    std::erase_if(state.sessions, [&](const StoredSession& session) { return session.expires <= clock_.now(); });
    shared_->uses.show_in(state);
    return state;
}

}  // namespace pomiar::access
