// node build.mjs OUT: makes of styles, scripts, templates and static files what the program carries:
//   OUT/static/NAME-HASH.EXT   with .gz and .br beside them where these are smaller
//   OUT/templates/*.html       without their indentation; line numbers stay as they are
//   OUT/page-examples/*.html   as they are
//   OUT/embedded.S, .cpp       all of that, and the catalogs of languages/, as the tables that src/web/embedded.hpp and language.hpp declare
// Needs no network, and the same sources give the same bytes: gzip is the one that each system has, since every Node brings a zlib of its own.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import zlib from "node:zlib";
import { readLanguages, textsOf } from "./languages.mjs";

const [esbuild, { default: postcss }, { default: tailwind }] = await Promise.all(
  ["esbuild", "postcss", "tailwindcss"].map((name) => import(name)),
).catch((error) => {
  console.error(`frontend: ${error.message}\nRun tools/install npm:frontend first.`);
  process.exit(1);
});

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.resolve(process.argv[2] ?? path.join(here, "../build/frontend"));

const contentTypes = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

async function styles() {
  const from = path.join(here, "styles/app.css");
  const { css } = await postcss([tailwind({ config: path.join(here, "tailwind.config.js") })]).process(await readFile(from), { from });
  return bundle("app.css", { stdin: { contents: css, loader: "css", resolveDir: here } });
}

// `import catalogs from "catalogs"`: per language what the scripts of these folders say, with its plural rule as a function.
const catalogsOf = (folders) => ({
  name: "catalogs",
  setup(build) {
    build.onResolve({ filter: /^catalogs$/ }, () => ({ path: "catalogs", namespace: "catalogs" }));
    build.onLoad({ filter: /.*/, namespace: "catalogs" }, async () => {
      const sources = await Promise.all((await Promise.all(folders.map(files))).flat().map(({ bytes }) => textsOf(bytes.toString())));
      const shown = new Set(sources.flatMap((texts) => [...texts.keys()]));
      const entries = (await readLanguages()).map(({ code, expression, messages }) => {
        const texts = Object.fromEntries(messages.filter(({ id }) => shown.has(id)).map(({ id, texts }) => [id, texts]));
        return `${JSON.stringify(code)}: { form: (n) => Number(${expression}), texts: ${JSON.stringify(texts)} }`;
      });
      return { contents: `export default { ${entries.join(", ")} };`, loader: "js" };
    });
  },
});

// Every page has app.js; chart.js, with uPlot in it, comes only where there are charts.
const scripts = () => [
  bundle("app.js", { entryPoints: [path.join(here, "scripts/main.ts")], plugins: [catalogsOf(["scripts"])] }),
  bundle("chart.js", {
    entryPoints: [path.join(here, "scripts/charts/page.ts")],
    plugins: [catalogsOf(["scripts", "scripts/charts"])],
    banner: { js: "/*! Holds uPlot, (c) 2025 Leon Sorokin, MIT License: https://github.com/leeoniya/uPlot */" },
  }),
];

async function bundle(name, options) {
  const { outputFiles } = await esbuild.build({
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
    ...options,
  });
  return { name, bytes: Buffer.from(outputFiles[0].contents) };
}

async function files(folder) {
  const entries = await readdir(path.join(here, folder), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(path.join(here, folder, name)) })));
}

// The name in the address, and the compressed forms that are worth their bytes.
function asset({ name, bytes }) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const contentType = contentTypes[ext];
  if (!contentType) throw new Error(`static/${name}: no content type is known for ${ext}`);
  const quality = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const smaller = (packed) => (packed.length < bytes.length ? packed : undefined);
  return {
    name,
    file: `${stem}-${hash}${ext}`,
    etag: hash,
    contentType,
    bytes,
    gzip: smaller(execFileSync("gzip", ["-9", "-n"], { input: bytes })),
    brotli: smaller(zlib.brotliCompressSync(bytes, { params: quality })),
  };
}

function withoutIndentation({ name, bytes }) {
  return { name, bytes: Buffer.from(bytes.toString().replace(/^[ \t]+/gm, "")) };
}

// A C++ string literal: octal escapes end after three digits, so no following character joins them.
function literal(text) {
  return `"${[...Buffer.from(text)].map((byte) =>
    byte < 32 || byte > 126 || byte === 34 || byte === 92 || byte === 63 ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCharCode(byte)).join("")}"`;
}

// The tables that src/web/words/language.hpp reads, and the rows of the languages themselves.
function languageTables(languages) {
  const tables = languages.map(({ code, expression, messages }) => {
    const sorted = [...messages].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
    const texts = sorted.map(({ texts }, i) => `const std::string_view k_${code}_${i}[] = {${texts.map(literal).join(", ")}};\n`).join("");
    const rows = sorted.map(({ id }, i) => `    {${literal(id)}, k_${code}_${i}},\n`).join("");
    return `unsigned form_${code}(std::uint64_t n) {\n    return static_cast<unsigned>(${expression});\n}\n${texts}const Translation k_${code}[] = {\n${rows}};\n`;
  });
  const rows = languages.map(({ code, name, decimal }) => `    {${literal(code)}, ${literal(name)}, '${decimal}', form_${code}, k_${code}},\n`);
  return `${tables.join("")}const Language kLanguages[] = {\n${rows.join("")}};\n`;
}

// One symbol per file; the table names its start and its length.
class Embedding {
  symbols = [];
  add(file, bytes) {
    const symbol = `pomiar_embedded_${this.symbols.length}`;
    this.symbols.push({ symbol, file });
    return `{${symbol}, ${bytes.length}}`;
  }
  assembly() {
    const lines = this.symbols.map(
      ({ symbol, file }) => `    .balign 8\n    .global ${symbol}\n    .hidden ${symbol}\n${symbol}:\n    .incbin ${JSON.stringify(file)}\n`);
    return `    .section .rodata,"a",%progbits\n${lines.join("")}    .section .note.GNU-stack,"",%progbits\n`;
  }
  declarations() {
    return this.symbols.map(({ symbol }) => `extern "C" const char ${symbol}[];\n`).join("");
  }
}

async function main() {
  await rm(out, { recursive: true, force: true });
  await mkdir(path.join(out, "static"), { recursive: true });
  await mkdir(path.join(out, "templates"), { recursive: true });
  await mkdir(path.join(out, "page-examples"), { recursive: true });

  const embedding = new Embedding();
  const write = async (folder, name, bytes) => {
    const file = path.join(out, folder, name);
    await writeFile(file, bytes);
    return file;
  };
  const place = async (folder, name, bytes) => embedding.add(await write(folder, name, bytes), bytes);

  const assetRows = [];
  const pathRows = [];
  for (const one of [await styles(), ...(await Promise.all(scripts())), ...(await files("static"))].map(asset)) {
    // Whoever takes no gzip has it unpacked.
    const views = [one.gzip ? "{}" : await place("static", one.file, one.bytes)];
    if (one.gzip) await write("static", one.file, one.bytes);
    views.push(one.gzip ? await place("static", `${one.file}.gz`, one.gzip) : "{}");
    views.push(one.brotli ? await place("static", `${one.file}.br`, one.brotli) : "{}");
    assetRows.push(`    {"/static/${one.file}", "${one.contentType}", ${views.join(", ")}, "\\"${one.etag}\\"", true},\n`);
    pathRows.push(`    {${JSON.stringify(one.name)}, "/static/${one.file}"},\n`);
    console.log(`${one.file}: ${one.bytes.length} bytes, gzip ${one.gzip?.length ?? "-"}, brotli ${one.brotli?.length ?? "-"}`);
  }
  const exampleRows = [];
  for (const { name, bytes } of await files("page-examples")) {
    exampleRows.push(`    {${JSON.stringify(path.parse(name).name)}, ${await place("page-examples", name, bytes)}},\n`);
  }
  const templateRows = [];
  for (const one of (await files("templates")).map(withoutIndentation)) {
    templateRows.push(`    {${JSON.stringify(one.name)}, ${await place("templates", one.name, one.bytes)}},\n`);
  }

  await writeFile(path.join(out, "embedded.S"), embedding.assembly());
  await writeFile(
    path.join(out, "embedded.cpp"),
    `// Made by frontend/build.mjs.
#include "web/embedded.hpp"
#include "web/words/language.hpp"

${embedding.declarations()}
namespace pomiar::web {
namespace {
const http::Asset kAssets[] = {
${assetRows.join("")}};
const Embedded kAssetPaths[] = {
${pathRows.join("")}};
const Embedded kTemplates[] = {
${templateRows.join("")}};
const Embedded kPageExamples[] = {
${exampleRows.join("")}};
${languageTables(await readLanguages())}}  // namespace

std::span<const http::Asset> embedded_assets() { return kAssets; }
std::span<const Embedded> embedded_asset_paths() { return kAssetPaths; }
std::span<const Embedded> embedded_templates() { return kTemplates; }
std::span<const Embedded> embedded_page_examples() { return kPageExamples; }
std::span<const Language> embedded_languages() { return kLanguages; }

}  // namespace pomiar::web
`,
  );
}

await main();
