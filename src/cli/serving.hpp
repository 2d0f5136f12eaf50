// The running server: every room put together, and stopped in order.
// Owns:   all of it. Thread: the one that calls run(), which becomes the loop's.
// Errors: of the start come from assemble(), before anything is answered.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/config/load.hpp"

namespace pomiar::cli {

struct SetupLink {
    std::string url;        // "": nothing to set up, or no door with pages
    bool any_host = false;  // other machines reach it too, by this one's name
};

class Serving {
  public:
    // Opens the doors, the store and the sign-in. Run by root, it goes on as the owner of the data directory once the
    // doors are open. on_reload: gives the configuration anew, for SIGHUP.
    static Result<std::unique_ptr<Serving>> assemble(Loaded loaded, std::function<Result<Configuration>()> on_reload);
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving();

    // Where it listens, as bound: "https://0.0.0.0:8443", "http://127.0.0.1:8080 (readings only)".
    std::vector<std::string> addresses() const;
    // To be shown once, while no password is set.
    const SetupLink& setup_link() const;

    // Feeds a simulated house to the first door, from a thread of its own.
    Result<> start_demo();
    // Serves until SIGTERM or SIGINT, and `grace` longer for requests in work, which a second signal cuts.
    void run();

  private:
    struct Parts;
    explicit Serving(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace pomiar::cli
