// Every page as it looks: on a phone and a desktop, light and dark, in each language. Axe looks at each for what keeps people
// out (WCAG 2.2 AA), nothing may overflow, and a picture of each is left in build/pages/ (or $POMIAR_PICTURES).
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { openPage, setUp, startBrowser, startServer } from "./house.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.POMIAR_PICTURES ?? path.resolve(import.meta.dirname ?? ".", "../../build/pages");
const kPictureBytesMax = 150_000;
const widths = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const colorSchemes = ["light", "dark"];
const locales = { en: "en-GB", pl: "pl-PL" };
const sensor = "/sensors/weather%2Cplace%3Dgarden";
const examples = ["garden", "energy", "wall"];
const pages = { overview: "/", sensor, status: "/status", settings: "/settings", access: "/settings/access", connect: "/connect", logout: "/logout",
                ...Object.fromEntries(examples.map((name) => [name, `/pages/${name}`])) };
const strangers = { login: "/login", error: "/nowhere" };

let server;
let browser;
let setupLink;
let owner;  // the cookies of who is signed in

before(async () => {
  mkdirSync(pictures, { recursive: true });
  server = await startServer(["--demo"]);
  setupLink = server.setupLink;
  mkdirSync(path.join(server.data, "pages"), { recursive: true });
  for (const name of examples) copyFileSync(path.resolve(import.meta.dirname ?? ".", `../../frontend/page-examples/${name}.html`), path.join(server.data, `pages/${name}.html`));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// One page in one look: settled, photographed, examined.
async function look(page, name, look) {
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const picture = await page.screenshot({ path: path.join(pictures, `${name}-${look}.png`) });
  assert.ok(picture.length <= kPictureBytesMax, `${name}-${look}.png has ${picture.length} bytes`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(wide, false, `${name} overflows: ${look}`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.ok(found.passes.length > 5, "axe has looked at nothing");
  const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`);
  assert.deepEqual(told, [], `${name}: ${look}`);
}

async function eachLook(visit, storageState) {
  for (const [locale, tag] of Object.entries(locales)) {
    for (const colorScheme of colorSchemes) {
      for (const [device, viewport] of Object.entries(widths)) {
        const page = await openPage(browser, { viewport, colorScheme, locale: tag, bypassCSP: true, storageState, hasTouch: device === "phone" });
        await visit(page, `${device}-${colorScheme}-${locale}`);
        await page.context().close();
      }
    }
  }
}

test("before there is a password: setting it up", async () => {
  await eachLook(async (page, name) => {
    await page.goto(setupLink);
    await look(page, "setup", name);
  });
  const page = await openPage(browser);
  await setUp(page, server);
  owner = await page.context().storageState();
  await page.context().close();
});

test("for who is not signed in: signing in, and a page that is not there", async () => {
  await eachLook(async (page, name) => {
    for (const [which, address] of Object.entries(strangers)) {
      await page.goto(server.address + address);
      await look(page, which, name);
    }
  });
});

for (const [which, address] of Object.entries(pages)) {
  test(`signed in: ${which}`, async () => {
    await eachLook(async (page, name) => {
      await page.goto(server.address + address);
      if (which === "overview") await page.locator("[data-grid] .spark path").first().waitFor({ state: "attached", timeout: 20_000 });
      if (which === "sensor") await page.locator(".plot canvas").first().waitFor();
      await look(page, which, name);
    }, owner);
  });
}
