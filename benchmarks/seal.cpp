// pomiar_seal DIRECTORY: moves the readings that are still in the journal into blocks, so that all of them can be
// weighed. A server does so by itself once there are enough.
#include <fmt/core.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "storage/store.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: pomiar_seal DIRECTORY\n");
        return 2;
    }
    const pomiar::SystemClock clock;
    pomiar::storage::StoreOptions options;
    options.path = argv[1];
    options.seals_at_stop = true;
    auto store = pomiar::storage::Store::open(std::move(options), pomiar::real_file_system(), clock);
    const pomiar::Result<> sealed = store ? (*store)->seal() : pomiar::Result<>(pomiar::failure(std::move(store)));
    if (sealed) return 0;
    fmt::print(stderr, "pomiar_seal: {}\n", sealed.error().message);
    return 1;
}
