// Pages of one's own in a browser: they follow the readings, and nothing in them is against the content policy.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { openPage, startBrowser, startServer } from "./house.mjs";

const binary = process.env.POMIAR_BINARY ?? path.resolve(import.meta.dirname ?? ".", "../../build/dev/src/cli/pomiar");
let server;
let browser;

function put(name, text) {
  const folder = path.join(server.data, "pages");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.new`), text);
  renameSync(path.join(folder, `${name}.new`), path.join(folder, `${name}.html`));
}

// "soil,bed=1"
function post(name, values, time) {
  const [sensor, ...tags] = name.split(",");
  return server.post({ sensor, tags: Object.fromEntries(tags.map((tag) => tag.split("="))), values, ...(time === undefined ? {} : { time }) });
}

const framed = (content) => `{% extends "page.html" %}{% block content %}${content}{% endblock %}`;

before(async () => {
  process.env.POMIAR_AUTH_PUBLIC = "true";
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("values and gauges follow the readings, wherever they stand", async () => {
  await post("soil,bed=1", { moisture: 20 });
  put("live", framed('<p id="a">{{ value("soil,bed=1", "moisture") }}</p><p id="b">{{ value("soil,bed=1", "moisture") }}</p>{{ gauge("soil,bed=1", "moisture") }}'));
  const page = await openPage(browser);
  await page.goto(`${server.address}/pages/live`);
  await page.waitForSelector("[data-live-mark][data-state=live]");
  const arc = () => page.getAttribute(".gauge-arc", "stroke-dasharray");
  assert.equal(await page.textContent("#a .value"), "20");
  assert.match(await arc(), /^20\.0 /);
  await page.evaluate(() => (window.same = true));
  await post("soil,bed=1", { moisture: 75 });
  for (const place of ["#a .value", "#b .value", ".gauge .value"]) {
    await page.waitForFunction((where) => document.querySelector(where).textContent === "75", place);
  }
  assert.match(await arc(), /^75\.0 /);
  await post("unheard,of=1", { state: "new" });
  await page.waitForTimeout(1_500);
  assert.equal(await page.evaluate(() => window.same), true, "a sensor that is not on the page does not reload it");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("the page is renewed once a minute without being loaded anew", async () => {
  put("renewed", framed('{{ value("soil,bed=1", "moisture") }}<p id="what">first</p>'));
  const page = await openPage(browser);
  await page.clock.install();
  await page.goto(`${server.address}/pages/renewed`);
  await page.evaluate(() => (window.same = true));
  await page.waitForSelector("[data-live-mark][data-state=live]");
  put("renewed", framed('<p id="what">second</p>'));
  await post("soil,bed=1", { moisture: 76 });
  await page.waitForFunction(() => document.querySelector(".value").textContent === "76");
  await page.clock.fastForward(61_000);
  await page.waitForFunction(() => document.querySelector("#what").textContent === "second");
  assert.equal(await page.evaluate(() => window.same), true);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("the examples are within the content policy and as wide as the screen", async () => {
  const now = Date.now();
  for (const [sensor, field, value] of [["climate,room=hall", "temperature", 20.5], ["plug,device=tv", "energy", 3], ["rain,place=garden", "rain", 2]]) {
    for (const hour of [2, 1, 0]) await post(sensor, { [field]: value - hour / 10 }, now - hour * 3_600_000);
  }
  for (const name of ["garden", "energy", "wall"]) {
    put(name, spawnSync(binary, ["page", "show", name], { encoding: "utf8" }).stdout);
    for (const width of [360, 1280]) {
      const page = await openPage(browser, { viewport: { width, height: 800 } });
      const answer = await page.goto(`${server.address}/pages/${name}`);
      assert.equal(answer.status(), 200);
      await page.waitForLoadState();
      assert.deepEqual(page.faults, [], name);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${name} at ${width}`);
      await page.context().close();
    }
  }
});
