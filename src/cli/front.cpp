#include "cli/front.hpp"

#include <utility>

#include "base/file.hpp"
#include "web/access/guard.hpp"

namespace pomiar::cli {

Front::Front(const std::string& data_directory, const Clock& clock, std::shared_ptr<access::AccessShared> shared)
    : access(real_file_system(), clock, loop, data_directory, std::move(shared)) {}

void Front::connect(storage::Store& store, const Clock& clock, bool open_to_all, web::WebOptions options) {
    everything.before(access::guard(access, {.open_to_all = open_to_all}));
    readings.before(access::guard(access, {.open_to_all = open_to_all}));
    web = std::make_unique<web::Web>(web::Context{.store = store, .loop = loop, .clock = clock}, loop, access, feed,
                                     std::move(options));
    web->add_all(everything);
    web->add_ingest(readings);
}

}  // namespace pomiar::cli
