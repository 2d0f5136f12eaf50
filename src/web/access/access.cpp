#include "web/access/access.hpp"

#include <coroutine>

#include "base/bytes.hpp"
#include "base/log.hpp"

namespace pomiar::access {
namespace {

constexpr Nanoseconds kLookInterval = kSecond;  // how late a revoked token is noticed, at most

}  // namespace

// What the worker brings back to the loop: a session, or why there is none.
struct Access::Outcome {
    std::string session = {};
    std::optional<Error> error = {};
};

// co_await: runs `work` on the worker, then goes on upon the loop. Nothing when the worker has too much to do.
class Access::OnWorker {
  public:
    OnWorker(Access& access, std::move_only_function<Outcome()> work) : access_(access), work_(std::move(work)) {}

    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        // This object lives in the waiting coroutine's frame until it goes on.
        return access_.worker_.post([this, waiting] {
            outcome_ = work_();
            access_.loop_.post([waiting] { waiting.resume(); });
        });
    }
    std::optional<Outcome> await_resume() { return std::move(outcome_); }

  private:
    Access& access_;
    std::move_only_function<Outcome()> work_;
    std::optional<Outcome> outcome_;
};

std::string csrf_of(std::string_view secret) {
    return derive(secret, "pomiar csrf");
}

std::size_t Access::DigestHash::operator()(const Digest& digest) const {
    return load<std::size_t>(digest.data());  // its bits are as good as random
}

Access::Access(FileSystem& files, const Clock& clock, Executor& loop, std::string directory)
    : file_(files, std::move(directory)), clock_(clock), loop_(loop), throttle_(clock) {}

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
    for (std::size_t i = 0; i < state_.tokens.size(); ++i) tokens_.emplace(state_.tokens[i].digest, i);
    sessions_.clear();
    for (std::size_t i = 0; i < state_.sessions.size(); ++i) sessions_.emplace(state_.sessions[i].digest, i);
}

void Access::reload_if_changed() {
    looked_ = clock_.monotonic();
    if (file_.version() == version_) return;
    if (auto r = reload(); !r) log::error("{}; tokens and sessions known before stay in force", r.error().message);
}

std::optional<Principal> Access::find_token(const Digest& digest) const {
    const auto found = tokens_.find(digest);
    if (found == tokens_.end()) return std::nullopt;
    const StoredToken& token = state_.tokens[found->second];
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
    if (!has_session(wanted)) return std::nullopt;
    return Principal{.via = Principal::Via::session, .can = Can::admin, .csrf = csrf_of(secret), .credential = wanted};
}

bool Access::has_session(const Digest& digest) const {
    const auto found = sessions_.find(digest);
    return found != sessions_.end() && state_.sessions[found->second].expires > clock_.now();
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

bool Access::is_setup_key(std::string_view key) {
    return !has_password() && state_.setup && digest(key) == *state_.setup;
}

// A try counts as failed before it is known, so that many at once do not slip through.
Task<SignIn> Access::finish_sign_in(std::string address, std::move_only_function<Outcome()> work) {
    if (const Nanoseconds wait = throttle_.wait(address); wait > 0)
        co_return SignIn{.message = "Too many wrong tries", .wait = wait};
    throttle_.failed(address);
    auto outcome = co_await OnWorker(*this, std::move(work));
    const bool tried = outcome && (!outcome->error || outcome->error->kind == ErrorKind::denied);
    if (!tried) throttle_.take_back(address);  // no room, or the card failed: nobody has guessed anything
    if (!outcome) co_return SignIn{.message = "Too busy just now", .wait = 2 * kSecond, .overloaded = true};
    if (outcome->error) co_return SignIn{.message = std::move(outcome->error->message)};
    throttle_.succeeded(address);
    reload_if_changed();  // rather than what the worker wrote: another process may have written since
    co_return SignIn{.session = std::move(outcome->session)};
}

Task<SignIn> Access::set_up(std::string address, std::string key, std::string password) {
    if (auto good = check_password(password); !good) co_return SignIn{.message = good.error().message};
    if (!is_setup_key(key)) {
        if (throttle_.wait(address) == 0) throttle_.failed(address);
        co_return SignIn{.message = "This link has been used or replaced"};
    }
    auto work = [this, key = std::move(key), password = std::move(password)]() -> Outcome {
        auto hash = hash_password(password);
        if (!hash) return {.error = hash.error()};
        std::string session;
        auto state = file_.update([&](AccessState& changed) -> Result<> {
            if (!changed.password.empty() || !changed.setup || digest(key) != *changed.setup)
                return failure(ErrorKind::denied, "This link has been used or replaced");
            set_password(changed, std::move(*hash));
            session = add_session(changed, clock_.now());
            return {};
        });
        if (!state) return {.error = state.error()};
        return {.session = std::move(session)};
    };
    co_return co_await finish_sign_in(std::move(address), std::move(work));
}

Task<SignIn> Access::sign_in(std::string address, std::string password, std::string old) {
    reload_if_changed();
    auto work = [this, hash = state_.password, password = std::move(password), old = digest(old)]() -> Outcome {
        if (hash.empty() || !verify_password(password, hash))
            return {.error = Error{ErrorKind::denied, "Wrong password"}};
        std::string session;
        auto state = file_.update([&](AccessState& changed) -> Result<> {
            if (changed.password != hash) return failure(ErrorKind::denied, "The password was changed just now");
            end_session(changed, old);
            session = add_session(changed, clock_.now());
            return {};
        });
        if (!state) return {.error = state.error()};
        return {.session = std::move(session)};
    };
    co_return co_await finish_sign_in(std::move(address), std::move(work));
}

Task<Result<>> Access::sign_out(std::string secret) {
    auto work = [this, ended = digest(secret)]() -> Outcome {
        auto state = file_.update([&](AccessState& changed) -> Result<> {
            end_session(changed, ended);
            return {};
        });
        if (!state) return {.error = state.error()};
        return {};
    };
    auto outcome = co_await OnWorker(*this, std::move(work));
    if (!outcome) co_return failure(ErrorKind::busy, "too busy to sign out just now");
    if (outcome->error) co_return failure(outcome->error->kind, outcome->error->message);
    reload_if_changed();
    co_return Result<>{};
}

}  // namespace pomiar::access
