// node check-languages.mjs: says which texts of the pages, scripts and program a catalog lacks, and which it has for nothing.
// --missing CODE prints the lacking ones as a part of a .po file.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { readLanguages, textsOf } from "./languages.mjs";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);

async function sources(folder, pattern) {
  const found = [];
  for (const entry of await readdir(path.join(here, folder), { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...await sources(name, pattern));
    else if (pattern.test(entry.name)) found.push(name);
  }
  return found.sort();
}

const wanted = new Map();
for (const name of [...await sources("templates", /\.html$/), ...await sources("page-examples", /\.html$/), ...await sources("scripts", /\.ts$/), ...await sources("../src/web", /\.[ch]pp$/)]) {
  for (const [id, plural] of textsOf(await readFile(path.join(here, name), "utf8"))) wanted.set(id, { plural, name });
}

const asPo = (text) => JSON.stringify(text);
let faults = 0;
for (const language of await readLanguages()) {
  const known = new Set(language.messages.map(({ id }) => id));
  const missing = [...wanted].filter(([id]) => !known.has(id));
  if (process.argv[2] === "--missing" && process.argv[3] === language.code) {
    for (const [id, { plural }] of missing) {
      console.log(`\nmsgid ${asPo(id)}`);
      if (plural === undefined) console.log('msgstr ""');
      else console.log(`msgid_plural ${asPo(plural)}\n${Array.from({ length: language.forms }, (_, i) => `msgstr[${i}] ""`).join("\n")}`);
    }
    continue;
  }
  for (const [id, { name }] of missing) console.error(`${language.code}: ${name.replace("../", "")}: no translation of ${asPo(id)}`);
  for (const id of known) if (!wanted.has(id)) console.error(`${language.code}: nothing shows ${asPo(id)}`);
  faults += missing.length + [...known].filter((id) => !wanted.has(id)).length;
}
if (process.argv[2] !== "--missing") console.log(`${wanted.size} texts, ${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
