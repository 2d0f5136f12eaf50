// Of Access, all that changes access.json: made by the worker, awaited by the loop.
#include <algorithm>
#include <coroutine>

#include "base/log.hpp"
#include "web/access/access.hpp"

namespace pomiar::access {
namespace {

constexpr std::string_view kDeadLink = "This link has been used or replaced";

bool has(const AccessState& state, const Digest& session) {
    return std::ranges::find(state.sessions, session, &StoredSession::digest) != state.sessions.end();
}

Task<Result<>> without_text(Task<Result<std::string>> changing) {
    auto result = co_await changing;
    if (!result) co_return failure(std::move(result));
    co_return Result<>{};
}

}  // namespace

// What the worker brings back to the loop: a session, token or nothing, or why there is none.
struct Access::Outcome {
    std::string secret = {};
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

// Thread: any. The last uses go along with every change.
Access::Outcome Access::update(const std::function<Result<>(AccessState&)>& change) {
    auto state = file_.update([&](AccessState& changed) -> Result<> {
        if (auto r = change(changed); !r) return r;
        shared_->uses.write_into(changed);
        return {};
    });
    if (!state) return {.error = state.error()};
    return {};
}

void Access::write_uses() {
    if (!shared_->uses.has_news()) return;
    const Outcome outcome = update([](AccessState&) { return Result<>(); });
    if (outcome.error) log::warning("last uses of tokens and sessions are not written: {}", outcome.error->message);
}

Task<SignIn> Access::finish_sign_in(std::string address, std::move_only_function<Outcome()> work) {
    Throttle& throttle = shared_->throttle;
    if (const Nanoseconds wait = throttle.attempt(address); wait > 0)
        co_return SignIn{.refusal = Refusal::wait, .message = "Too many wrong tries", .wait = wait};
    auto outcome = co_await OnWorker(*this, std::move(work));
    const bool tried = outcome && (!outcome->error || outcome->error->kind == ErrorKind::denied);
    if (!tried) throttle.take_back(address);  // no room, or the card failed: nobody has guessed anything
    if (!outcome) co_return SignIn{.refusal = Refusal::busy, .message = "Too busy just now", .wait = 2 * kSecond};
    if (outcome->error) {
        co_return SignIn{.refusal = tried ? Refusal::password : Refusal::failed,
                         .message = std::move(outcome->error->message)};
    }
    throttle.succeeded(address);
    reload_if_changed();  // rather than what the worker wrote: another process may have written since
    co_return SignIn{.session = std::move(outcome->secret)};
}

Task<SignIn> Access::set_up(Visitor visitor, std::string key, std::string password) {
    if (auto good = check_password(password); !good)
        co_return SignIn{.refusal = Refusal::failed, .message = good.error().message};
    if (!is_setup_key(key)) {
        (void)shared_->throttle.attempt(visitor.address);
        co_return SignIn{.refusal = Refusal::link, .message = std::string(kDeadLink)};
    }
    std::string address = visitor.address;
    auto work = [this, visitor = std::move(visitor), key = std::move(key),
                 password = std::move(password)]() -> Outcome {
        auto hash = hash_password(password);
        if (!hash) return {.error = hash.error()};
        std::string session;
        Outcome outcome = update([&](AccessState& changed) -> Result<> {
            if (!changed.password.empty() || !changed.setup || digest(key) != *changed.setup)
                return failure(ErrorKind::denied, std::string(kDeadLink));
            set_password(changed, std::move(*hash));
            session = add_session(changed, clock_.now(), visitor);
            add_known_token(changed, {.name = std::string(kFirstTokenName)}, first_token_of(session), clock_.now());
            return {};
        });
        outcome.secret = std::move(session);
        return outcome;
    };
    SignIn result = co_await finish_sign_in(std::move(address), std::move(work));
    if (result.refusal == Refusal::password) result.refusal = Refusal::link;
    co_return result;
}

Task<SignIn> Access::sign_in(Visitor visitor, std::string password, std::string old) {
    reload_if_changed();
    std::string address = visitor.address;
    auto work = [this, visitor = std::move(visitor), hash = state_.password, password = std::move(password),
                 old = digest(old)]() -> Outcome {
        if (hash.empty() || !verify_password(password, hash))
            return {.error = Error{ErrorKind::denied, "Wrong password"}};
        std::string session;
        Outcome outcome = update([&](AccessState& changed) -> Result<> {
            if (changed.password != hash) return failure(ErrorKind::denied, "The password was changed just now");
            access::end_session(changed, old);
            session = add_session(changed, clock_.now(), visitor);
            return {};
        });
        outcome.secret = std::move(session);
        return outcome;
    };
    co_return co_await finish_sign_in(std::move(address), std::move(work));
}

Task<SignIn> Access::change_password(Visitor visitor, Digest own, std::string password, std::string fresh) {
    if (auto good = check_password(fresh); !good)
        co_return SignIn{.refusal = Refusal::failed, .message = good.error().message};
    reload_if_changed();
    std::string address = visitor.address;
    auto work = [this, visitor = std::move(visitor), own, hash = state_.password, password = std::move(password),
                 fresh = std::move(fresh)]() -> Outcome {
        if (hash.empty() || !verify_password(password, hash))
            return {.error = Error{ErrorKind::denied, "Wrong password"}};
        auto fresh_hash = hash_password(fresh);
        if (!fresh_hash) return {.error = fresh_hash.error()};
        std::string session;
        Outcome outcome = update([&](AccessState& changed) -> Result<> {
            if (changed.password != hash || !has(changed, own))
                return failure(ErrorKind::denied, "The password was changed just now");
            set_password(changed, std::move(*fresh_hash));
            session = add_session(changed, clock_.now(), visitor);
            return {};
        });
        outcome.secret = std::move(session);
        return outcome;
    };
    co_return co_await finish_sign_in(std::move(address), std::move(work));
}

// `own`: the session that asks for it, if it must still be there.
Task<Result<std::string>> Access::change(std::optional<Digest> own, Change change) {
    auto work = [this, own, change = std::move(change)]() mutable -> Outcome {
        std::string secret;
        Outcome outcome = update([&](AccessState& changed) -> Result<> {
            if (own && !has(changed, *own)) return failure(ErrorKind::denied, "the sign-in that asks for it has ended");
            auto changing = change(changed);
            if (!changing) return failure(std::move(changing));
            secret = std::move(*changing);
            return {};
        });
        outcome.secret = std::move(secret);
        return outcome;
    };
    auto outcome = co_await OnWorker(*this, std::move(work));
    if (!outcome) co_return failure(ErrorKind::busy, "too much is being changed just now; try again");
    if (outcome->error) co_return failure(outcome->error->kind, outcome->error->message);
    reload_if_changed();
    co_return std::move(outcome->secret);
}

Task<Result<>> Access::sign_out(Digest session) {
    return without_text(change(std::nullopt, [session](AccessState& changed) -> Result<std::string> {
        access::end_session(changed, session);
        return "";
    }));
}

Task<Result<std::string>> Access::add_token(Digest own, NewToken token) {
    return change(own, [this, token = std::move(token)](AccessState& changed) {
        return access::add_token(changed, token, clock_.now());
    });
}

Task<Result<>> Access::revoke_token(Digest own, std::string name) {
    return without_text(change(own, [name = std::move(name)](AccessState& changed) -> Result<std::string> {
        if (auto r = access::revoke_token(changed, name); !r) return failure(std::move(r));
        return "";
    }));
}

Task<Result<>> Access::end_session(Digest own, std::string id) {
    return without_text(change(own, [id = std::move(id)](AccessState& changed) -> Result<std::string> {
        std::erase_if(changed.sessions, [&](const StoredSession& session) { return session_id(session) == id; });
        return "";
    }));
}

Task<Result<>> Access::end_other_sessions(Digest own) {
    return without_text(change(own, [own](AccessState& changed) -> Result<std::string> {
        std::erase_if(changed.sessions, [&](const StoredSession& session) { return session.digest != own; });
        return "";
    }));
}

}  // namespace pomiar::access
