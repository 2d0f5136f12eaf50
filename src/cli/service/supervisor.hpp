// What systemd is told: a datagram each, as sd_notify(3) describes, without its library. Nothing where nobody asked for
// it.
// Thread: any. Errors: logged; who is not told will act as if the service were late.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "cli/service/environment.hpp"

namespace pomiar::cli {

class Supervisor {
  public:
    explicit Supervisor(const ServiceEnvironment& environment);

    // The service serves, again after reloading(). status: a line for people, in `systemctl status`.
    void ready(std::string_view status) const;
    // now: monotonic.
    void reloading(Nanoseconds now) const;
    void stopping() const;
    // For the watchdog. Never waits.
    void alive() const;

    // How long without alive() until the service is taken for dead; nothing where that is not watched.
    std::optional<Nanoseconds> patience() const { return patience_; }

  private:
    void send(const std::string& news, int flags) const;

    std::string socket_;
    std::optional<Nanoseconds> patience_;
};

}  // namespace pomiar::cli
