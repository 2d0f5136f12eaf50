// Reads the catalogs languages/CODE.po (GNU gettext) and finds the texts that pages, scripts and program show.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { po } from "gettext-parser";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);

// The conditional expression of Plural-Forms: C and JavaScript both understand it as it is.
function pluralExpression(header, name) {
  const match = /nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([n0-9\s()?:%<>=!&|]+);?\s*$/.exec(header ?? "");
  if (!match) throw new Error(`${name}: Plural-Forms says no nplurals and plural`);
  return { forms: Number(match[1]), expression: match[2].trim() };
}

// [{code, name, decimal, forms, expression, messages: [{id, plural, texts}]}], what is not translated left out.
export async function readLanguages() {
  const names = (await readdir(path.join(here, "languages"))).filter((name) => name.endsWith(".po")).sort();
  return Promise.all(names.map(async (name) => {
    const { headers, translations } = po.parse(await readFile(path.join(here, "languages", name)), "utf-8");
    const { forms, expression } = pluralExpression(headers["Plural-Forms"], name);
    const messages = Object.values(translations[""] ?? {})
      .filter(({ msgid, msgstr, comments }) => msgid !== "" && msgstr.every(Boolean) && !comments?.flag?.includes("fuzzy"))
      .map(({ msgid, msgid_plural: plural, msgstr }) => ({ id: msgid, plural, texts: msgstr }));
    for (const { id, plural, texts } of messages) {
      if (plural !== undefined && texts.length !== forms) throw new Error(`${name}: \`${id}\` has ${texts.length} of ${forms} plural forms`);
    }
    return { code: path.parse(name).name, name: headers["X-Language-Name"] ?? path.parse(name).name, decimal: headers["X-Decimal"] ?? ".",
             forms, expression, messages };
  }));
}

const quoted = String.raw`"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'`;
const single = new RegExp(String.raw`(?:\b_|\bN_|language_?(?:->|\.)(?:text|counted))\(\s*(?:${quoted})`, "g");
const plural = new RegExp(String.raw`(?:\bngettext|language_?(?:->|\.)(?:plural|form))\(\s*(?:${quoted})\s*,\s*(?:${quoted})`, "g");
const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));

// Map from each text that `source` shows to its plural, or undefined.
export function textsOf(written) {
  const source = written.replace(/"\s*\n\s*"/g, ""); // one literal of C++ on several lines
  const found = new Map();
  for (const match of source.matchAll(single)) found.set(unescaped(match[1] ?? match[2]), undefined);
  for (const match of source.matchAll(plural)) found.set(unescaped(match[1] ?? match[2]), unescaped(match[3] ?? match[4]));
  found.delete("");
  return found;
}
