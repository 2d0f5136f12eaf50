// node frequent-passwords.mjs OUT COUNT LENGTH: the COUNT most frequent passwords of at least LENGTH characters, most frequent
// first, blank between them, as the source that src/web/access/frequent_passwords.hpp declares. From zxcvbn's list.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const [, , out, count, length] = process.argv;
const { passwords } = createRequire(import.meta.url)("zxcvbn/lib/frequency_lists.js");
const chosen = passwords.filter((password) => password.length >= Number(length) && /^[!-~]+$/.test(password)).slice(0, Number(count));
writeFileSync(out, `// Made by frontend/frequent-passwords.mjs.
#include "web/access/frequent_passwords.hpp"

namespace pomiar::access {

std::string_view frequent_passwords() {
    return R"~(${chosen.join(" ")})~";
}

}  // namespace pomiar::access
`);
