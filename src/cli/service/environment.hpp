// What systemd passes on in the environment of a service that it starts; each "" where it does not.
#pragma once

#include <string>

namespace pomiar::cli {

struct ServiceEnvironment {
    std::string notify_socket = {};   // where it listens for news: a path, or "@name" in the abstract namespace
    std::string watchdog_usec = {};   // how long without news it takes the service for dead
    std::string watchdog_pid = {};    // for whom that is meant; "": for anybody
    std::string listen_pid = {};      // for whom the sockets are meant
    std::string listen_fds = {};      // how many, from descriptor 3 on
    std::string listen_fdnames = {};  // their names, with colons between

    // Of this process.
    static ServiceEnvironment read();
};

// The process id that the text means is this one.
bool is_this_process(const std::string& pid);

}  // namespace pomiar::cli
