// Answers "who is this?" for every request, lets people sign in, and changes what access.json says.
// Owns:    a worker thread for passwords and for writing; what access.json says, in memory.
// Borrows: the file system, clock and executor, which outlive it.
// Thread:  the loop's (the executor's); several loops have one each, and share AccessShared. Checking a token or
//          session costs a digest and a look-up, about a microsecond; it never waits for the card, except to read the
//          small file again right after another process changed it.
// Limits:  kTokensMax, kSessionsMax, Worker::kWaitingMax, Throttle.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/file.hpp"
#include "base/task.hpp"
#include "web/access/access_file.hpp"
#include "web/access/principal.hpp"
#include "web/access/throttle.hpp"
#include "web/access/uses.hpp"
#include "web/access/worker.hpp"

namespace pomiar::access {

enum class Refusal : std::uint8_t { none, password, link, wait, busy, failed };
std::string_view name(Refusal refusal);  // for pages: as above; "" for none

// What came of a try to sign in or to change the password. Its message is for the log.
struct SignIn {
    std::string session = {};  // the secret for the cookie; "": refused
    Refusal refusal = Refusal::none;
    std::string message = {};  // why
    Nanoseconds wait = 0;      // come again after
};

// What all loops have in common.
struct AccessShared {
    explicit AccessShared(const Clock& clock) : throttle(clock), uses(clock) {}
    Throttle throttle;
    Uses uses;
};

class Access {
  public:
    Access(FileSystem& files, const Clock& clock, Executor& loop, std::string directory)
        : Access(files, clock, loop, std::move(directory), std::make_shared<AccessShared>(clock)) {}
    Access(FileSystem& files, const Clock& clock, Executor& loop, std::string directory,
           std::shared_ptr<AccessShared> shared);
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
    ~Access() = default;

    // Reads access.json again. On an error what was known before stays in force.
    Result<> reload();

    std::optional<Principal> by_token(std::string_view token);
    std::optional<Principal> by_session(std::string_view secret);
    bool has_token(std::string_view token) const { return tokens_.contains(digest(token)); }  // which is no use of it
    // Whether the token or session is still there, as far as is known; true for who needed none. For what lasts longer
    // than a request: call reload_if_changed() once a second before.
    bool is_in_force(const Principal& principal) const;
    // Reads access.json again if another process changed it: one system call if not.
    void reload_if_changed();

    // These look at the file first, as signing in does: `pomiar password` may have run since.
    bool has_password();
    // As of a second ago at most: for what a page shows.
    bool had_password();
    bool is_setup_key(std::string_view key);
    // Makes a new setup key while there is no password. Waits for the card: before the server starts.
    Result<std::optional<std::string>> begin_setup();

    // All that there is, with the last uses as known just now: for a page.
    AccessState now_known();

    // Sets the password if `key` is the setup link's, once, and signs in.
    Task<SignIn> set_up(Visitor visitor, std::string key, std::string password);
    // `old`: the session the browser had, which ends; "" for none.
    Task<SignIn> sign_in(Visitor visitor, std::string password, std::string old = {});
    // Ends all sessions and gives a new one for the browser whose session `own` is. A wrong `password`, the one so far,
    // counts as a failed sign-in.
    Task<SignIn> change_password(Visitor visitor, Digest own, std::string password, std::string fresh);
    Task<Result<>> sign_out(Digest session);

    // In the name of the session `own`; done when it is on the card. Errors: those of access_state.hpp; denied, if
    // `own` has ended meanwhile; busy; io.
    Task<Result<std::string>> add_token(Digest own, NewToken token);  // gives the token
    Task<Result<>> revoke_token(Digest own, std::string name);
    Task<Result<>> end_session(Digest own, std::string id);  // session_id(); one that is gone is no error
    Task<Result<>> end_other_sessions(Digest own);

    // Last uses that are not in the file yet. Waits for the card: when the server stops.
    void write_uses();

  private:
    class OnWorker;
    struct Outcome;
    struct Known {
        std::size_t index = 0;           // into state_.tokens or .sessions
        Nanoseconds noted = -kUseGrain;  // monotonic; when Uses was last told
    };
    using KnownCredentials = std::unordered_map<Digest, Known, DigestHash>;
    using Change = std::move_only_function<Result<std::string>(AccessState&)>;

    void take(AccessState state);
    bool has_session(const Digest& digest) const;
    std::optional<Principal> find_token(const Digest& digest);
    void note_use(const Digest& digest, Known& known);
    Outcome update(const std::function<Result<>(AccessState&)>& change);
    Task<SignIn> finish_sign_in(std::string address, std::move_only_function<Outcome()> work);
    Task<Result<std::string>> change(std::optional<Digest> own, Change change);

    AccessFile file_;
    const Clock& clock_;
    Executor& loop_;
    const std::shared_ptr<AccessShared> shared_;
    AccessState state_;
    KnownCredentials tokens_;
    KnownCredentials sessions_;
    FileVersion version_;
    Nanoseconds looked_ = 0;  // monotonic; when the file's version was last asked for
    Worker worker_;           // last: stops first
};

// The token for the first device: made with the password, and told by the session that set it up to nobody else, as
// long as that lasts. So the pages of a fresh start can show it without keeping it.
std::string first_token_of(std::string_view session);
inline constexpr std::string_view kFirstTokenName = "first device";

// The form token that goes with a session's or a visitor's cookie.
std::string csrf_of(std::string_view secret);

}  // namespace pomiar::access
