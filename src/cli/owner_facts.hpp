// What the owner's pages tell of the configuration, the certificate and the backups.
// Thread: the loop's; the certificate is read beside it. Borrows: all that it is given, for as long as the facts are
// asked.
#pragma once

#include <memory>

#include "cli/certificates.hpp"
#include "cli/config/load.hpp"
#include "upkeep/daily_backup.hpp"
#include "web/pages/owner_facts.hpp"

namespace pomiar::cli {

// `certificates` and `backups` may be null.
std::shared_ptr<const web::OwnerFacts> owner_facts(const Loaded& loaded, const Certificates* certificates,
                                                   upkeep::DailyBackup* backups);

}  // namespace pomiar::cli
