// Answers "who is this?" for every request, and lets people sign in.
// Owns:    a worker thread for passwords and for writing; what access.json says, in memory.
// Borrows: the file system, clock and executor, which outlive it.
// Thread:  the loop's (the executor's). Checking a token or session costs a digest and a look-up, about a microsecond;
//          it never waits for the card, except to read the small file again right after another process changed it.
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
#include "web/access/worker.hpp"

namespace pomiar::access {

// What came of a try to sign in. Its messages are for the page.
struct SignIn {
    std::string session = {};  // the secret for the cookie; "": refused
    std::string message = {};  // why
    Nanoseconds wait = 0;      // come again after
    bool overloaded = false;   // too many try at once
};

class Access {
  public:
    Access(FileSystem& files, const Clock& clock, Executor& loop, std::string directory);
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
    ~Access() = default;

    // Reads access.json again. On an error what was known before stays in force.
    Result<> reload();

    std::optional<Principal> by_token(std::string_view token);
    std::optional<Principal> by_session(std::string_view secret);
    // Whether the token or session is still there, as far as is known; true for who needed none. For what lasts longer
    // than a request: call reload_if_changed() once a second before.
    bool is_in_force(const Principal& principal) const;
    // Reads access.json again if another process changed it: one system call if not.
    void reload_if_changed();

    // These look at the file first, as signing in does: `pomiar password` may have run since.
    bool has_password();
    bool is_setup_key(std::string_view key);
    // Makes a new setup key while there is no password. Waits for the card: before the server starts.
    Result<std::optional<std::string>> begin_setup();

    // Sets the password if `key` is the setup link's, once, and signs in.
    Task<SignIn> set_up(std::string address, std::string key, std::string password);
    // `old`: the session the browser had, which ends; "" for none.
    Task<SignIn> sign_in(std::string address, std::string password, std::string old = {});
    Task<Result<>> sign_out(std::string secret);

  private:
    class OnWorker;
    struct Outcome;
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const;
    };

    void take(AccessState state);
    bool has_session(const Digest& digest) const;
    Task<SignIn> finish_sign_in(std::string address, std::move_only_function<Outcome()> work);
    std::optional<Principal> find_token(const Digest& digest) const;

    AccessFile file_;
    const Clock& clock_;
    Executor& loop_;
    Throttle throttle_;
    AccessState state_;
    std::unordered_map<Digest, std::size_t, DigestHash> tokens_;  // index into state_.tokens
    std::unordered_map<Digest, std::size_t, DigestHash> sessions_;
    FileVersion version_;
    Nanoseconds looked_ = 0;  // monotonic; when the file's version was last asked for
    Worker worker_;           // last: stops first
};

// The form token that goes with a session's or a visitor's cookie.
std::string csrf_of(std::string_view secret);

}  // namespace pomiar::access
