// node build.mjs OUT: makes of styles, scripts, templates and static files what the program carries:
//   OUT/static/NAME-HASH.EXT   with .gz and .br beside them where these are smaller
//   OUT/templates/*.html       without their indentation; line numbers stay as they are
//   OUT/embedded.S, .cpp       all of that as the tables that src/web/embedded.hpp declares
// Needs no network, and the same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import zlib from "node:zlib";

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
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: "es2022" });
  return { name: "app.css", bytes: Buffer.from(code) };
}

async function scripts() {
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(here, "scripts/main.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  return { name: "app.js", bytes: Buffer.from(outputFiles[0].contents) };
}

async function files(folder) {
  const names = (await readdir(path.join(here, folder))).sort();
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
    gzip: smaller(zlib.gzipSync(bytes, { level: 9 })),
    brotli: smaller(zlib.brotliCompressSync(bytes, { params: quality })),
  };
}

function withoutIndentation({ name, bytes }) {
  return { name, bytes: Buffer.from(bytes.toString().replace(/^[ \t]+/gm, "")) };
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

  const embedding = new Embedding();
  const place = async (folder, name, bytes) => {
    const file = path.join(out, folder, name);
    await writeFile(file, bytes);
    return embedding.add(file, bytes);
  };

  const assetRows = [];
  const pathRows = [];
  for (const one of [await styles(), await scripts(), ...(await files("static"))].map(asset)) {
    const views = [await place("static", one.file, one.bytes)];
    views.push(one.gzip ? await place("static", `${one.file}.gz`, one.gzip) : "{}");
    views.push(one.brotli ? await place("static", `${one.file}.br`, one.brotli) : "{}");
    assetRows.push(`    {"/static/${one.file}", "${one.contentType}", ${views.join(", ")}, "\\"${one.etag}\\"", true},\n`);
    pathRows.push(`    {${JSON.stringify(one.name)}, "/static/${one.file}"},\n`);
    console.log(`${one.file}: ${one.bytes.length} bytes, gzip ${one.gzip?.length ?? "-"}, brotli ${one.brotli?.length ?? "-"}`);
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

${embedding.declarations()}
namespace pomiar::web {
namespace {
const http::Asset kAssets[] = {
${assetRows.join("")}};
const Embedded kAssetPaths[] = {
${pathRows.join("")}};
const Embedded kTemplates[] = {
${templateRows.join("")}};
}  // namespace

std::span<const http::Asset> embedded_assets() { return kAssets; }
std::span<const Embedded> embedded_asset_paths() { return kAssetPaths; }
std::span<const Embedded> embedded_templates() { return kTemplates; }

}  // namespace pomiar::web
`,
  );
}

await main();
