// The commands, one file each. They print what they are for to standard output and give the exit status; an Error is
// printed by main() as one line on standard error, with status 1.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "cli/command_line.hpp"

namespace pomiar::cli {

Result<int> serve(const CommandLine& line);
// What of the data directory belongs into a backup besides the readings: who may come in, what the owner calls things,
// and the certificate that devices have learnt to trust.
inline constexpr std::array<std::string_view, 6> kBackupFiles{
    "access.json", "labels.json", "tls/certificate.pem", "tls/key.pem", "tls/authority.pem", "tls/authority-key.pem"};
Result<int> backup(const CommandLine& line);
Result<int> restore(const CommandLine& line);
Result<int> check(const CommandLine& line);
Result<int> import_files(const CommandLine& line);
Result<int> export_readings(const CommandLine& line);
Result<int> ask_sql(const CommandLine& line);
Result<int> token(const CommandLine& line);  // add, list, revoke
Result<int> page(const CommandLine& line);   // list, show
Result<int> render(const CommandLine& line);
Result<int> password(const CommandLine& line);
Result<int> print_configuration(const CommandLine& line);
Result<int> healthcheck(const CommandLine& line);
Result<int> version(const CommandLine& line);

// The configuration of the command line, its problems as one Error.
Result<Loaded> load(const CommandLine& line);

}  // namespace pomiar::cli
