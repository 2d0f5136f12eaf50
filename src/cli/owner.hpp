// Commands that are run by root on a data directory of the service's own user.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"

namespace pomiar::cli {

// Goes on as the owner of `directory` if this is root and the owner is not: what is written there must stay readable to
// the server. Nothing happens while the directory does not exist. For the whole process, for good. Errors: denied.
Result<> become_owner_of(const std::string& directory);

// The same for the time of `work` only, as far as files are concerned. Errors: denied; those of `work`.
Result<> as_owner_of(const std::string& directory, const std::function<Result<>()>& work);

}  // namespace pomiar::cli
