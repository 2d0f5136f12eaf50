// The charts of a sensor's page in a real browser: ranges, figures, comparison, live readings, weight.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  address, chart, climate, hasAddress, kDay, kHour, kSecond, near, open, place, says, silence, startCharts, words,
} from "./chart_house.mjs";
import { openPage, request, signIn } from "./house.mjs";

let server;
let browser;
let page;

before(async () => {
  ({ server, browser, page } = await startCharts(10 * kSecond));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a canvas takes the place of the server's drawing, with its name", async () => {
  await open(page, server);
  for (const field of ["temperature", "door"]) {
    await chart(page, field).locator("canvas").waitFor();
    assert.equal(await chart(page, field).locator("[data-drawing]").isVisible(), false);
    assert.equal(await chart(page, field).locator("canvas").getAttribute("role"), "img");
    assert.match(await chart(page, field).locator("canvas").getAttribute("aria-label"), new RegExp(`^${field}: `, "i"));
  }
  assert.match(await chart(page, "temperature").locator("canvas").getAttribute("aria-label"), /lowest 1[67]\.\d.*highest 80\.0, last \d/);
  await says(page, "temperature", /^lowest 1[67].\d · mean 20.\d · highest 80.0$/);
});

test("the overview does without uPlot, and all scripts and styles are light", async (t) => {
  const loaded = [];
  page.on("request", (asked) => loaded.push(asked.url()));
  await page.goto(server.address);
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  assert.deepEqual(loaded.filter((one) => one.includes("/chart-")), []);
  await open(page, server);
  const sizes = { js: 0, css: 0 };
  for (const one of new Set(loaded.filter((url) => url.includes("/static/")))) {
    const answer = await request(one, { headers: { "accept-encoding": "gzip" } });
    const kind = one.split(".").pop();
    if (kind in sizes) sizes[kind] += Number(answer.headers["content-length"]);
  }
  page.removeAllListeners("request");
  t.diagnostic(`gzip: scripts ${sizes.js} bytes, styles ${sizes.css} bytes`);
  assert.ok(sizes.js > 10_000 && sizes.js <= 75 * 1024, `scripts: ${sizes.js}`);
  assert.ok(sizes.css > 1_000 && sizes.css <= 12 * 1024, `styles: ${sizes.css}`);
});

test("a range comes without a reload, and back leads back", async () => {
  await open(page, server);
  await page.getByRole("link", { name: "7d", exact: true }).click();
  await hasAddress(page, (query) => query.get("range") === "7d" && !query.has("from"));
  assert.equal(await page.locator(".range[aria-current]").textContent(), "7d");
  await page.getByRole("link", { name: "90d", exact: true }).click();
  await says(page, "temperature", /lowest 2.0/);
  await page.goBack();
  await hasAddress(page, (query) => query.get("range") === "7d");
  await says(page, "temperature", /lowest 1[67]/);
  assert.equal(await page.locator(".range[aria-current]").textContent(), "7d");
  await page.goBack();
  assert.equal(await page.locator(".range[aria-current]").textContent(), "24h");
  await page.goForward();
  assert.equal(await page.locator(".range[aria-current]").textContent(), "7d");
  await page.getByRole("link", { name: "all", exact: true }).click();
  await says(page, "temperature", /lowest 2.0/);
  assert.equal(await page.evaluate(() => window.stayed), true);
});

test("90 days of readings each 10 s are on the screen soon after the click", async (t) => {
  const times = [];
  for (let i = 0; i < 5; ++i) {
    await open(page, server);
    times.push(await page.evaluate(async () => {
      const words = document.querySelector('[data-chart="temperature"] [data-figures]');
      const drawn = new Promise((resolve) => {
        new MutationObserver(() => words.textContent.includes("lowest 2.0") && resolve()).observe(words, { childList: true, characterData: true, subtree: true });
      });
      const begin = performance.now();
      document.querySelector('[data-ranges] a[href*="90d"]').click();
      await drawn;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return performance.now() - begin;
    }));
  }
  t.diagnostic(`from the click to the frame: ${times.map((one) => one.toFixed(0)).join(", ")} ms`);
});

test("what is asked for is no finer than the screen", async () => {
  await open(page, server);
  const asked = page.waitForRequest((one) => one.url().includes("/api/v1/query") && one.url().includes("field=temperature"));
  await page.getByRole("link", { name: "30d", exact: true }).click();
  const query = new URL((await asked).url()).searchParams;
  const { box } = await place(page);
  const perPixel = (query.get("to") - query.get("from")) / query.get("points");
  near(perPixel, (30 * kDay) / box.width, (30 * kDay) / box.width / 5, "milliseconds of a bucket");
});

test("the cursor tells time and values in all charts, and silence as such", async () => {
  await open(page, server, "?range=24h");
  const { at } = await place(page);
  await page.mouse.move(...at(0.5));
  await says(page, "temperature", /^\w+ \d+, \d\d:\d\d · \d\d\.\d °C/);
  await says(page, "door", /^\w+ \d+, \d\d:\d\d · (on|off)$/);
  await page.mouse.move(...at(1 - (Date.now() - (silence.from + silence.to) / 2) / kDay));
  await says(page, "temperature", / · —$/);
  assert.equal(await words(page, "temperature").getAttribute("aria-live"), "off");
  await page.mouse.move(5, 5);
  await says(page, "temperature", /^lowest/);
});

test("a state holds, also from before the span, and its share is one of time", async () => {
  const now = Date.now();
  await server.post([
    { ...climate, time: now - 10 * kHour, values: { light: false } },
    { ...climate, time: now - 5 * kHour, values: { light: true } },
  ]);
  await open(page, server, "?range=1h");
  await says(page, "light", /^on$/);
  await page.getByRole("link", { name: "24h", exact: true }).click();
  await says(page, "light", /^on for 50 %$/);
  const { at } = await place(page, "light");
  await page.mouse.move(...at(1 - 7 / 24));
  await says(page, "light", / · off$/);
  await page.mouse.move(...at(0.99));
  await says(page, "light", / · on$/);
  await page.mouse.move(5, 5);
});

test("yesterday and last week are lines of their own", async () => {
  await open(page, server, "?range=24h");
  const asked = [];
  page.on("request", (one) => one.url().includes("field=temperature") && asked.push(new URL(one.url()).searchParams));
  const before = await chart(page, "temperature").locator("canvas").screenshot();
  await page.getByRole("button", { name: "Yesterday" }).click();
  await page.getByRole("button", { name: "Last week" }).click();
  await hasAddress(page, (query) => query.get("compare") === "1,7");
  assert.equal(await page.getByRole("button", { name: "Yesterday" }).getAttribute("aria-pressed"), "true");
  const { at } = await place(page);
  await page.mouse.move(...at(0.3));
  await says(page, "temperature", /°C.* · yesterday \d\d\.\d °C · last week \d\d\.\d °C$/);
  await page.mouse.move(5, 5);
  assert.notDeepEqual(await chart(page, "temperature").locator("canvas").screenshot(), before);
  const starts = asked.map((query) => Number(query.get("from")));
  const newest = Math.max(...starts);
  for (const days of [1, 7]) {
    assert.ok(starts.some((from) => Math.abs(newest - from - days * kDay) < kHour), `nothing was asked of ${days} days ago`);
  }
  await page.getByRole("button", { name: "Yesterday" }).click();
  await hasAddress(page, (query) => query.get("compare") === "7");
  await page.mouse.move(...at(0.3));
  await says(page, "temperature", /°C[^y]* · last week/);
  page.removeAllListeners("request");
});

test("new readings move the chart on", async () => {
  await open(page, server, "?range=1h");
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await says(page, "temperature", /highest 2\d/);
  await server.post({ ...climate, values: { temperature: 40.5, door: true } });
  await says(page, "temperature", /highest 40.50?$/);
  const csv = async () => Number(new URL(await chart(page, "temperature").locator("[data-csv]").getAttribute("href"), server.address).searchParams.get("to"));
  const first = await csv();
  await page.waitForTimeout(1_100);
  await server.post({ ...climate, values: { temperature: 41.5 } });
  await says(page, "temperature", /highest 41.50?$/);
  assert.ok((await csv()) > first, "the view did not move");
  assert.match(await chart(page, "temperature").locator("canvas").getAttribute("aria-label"), /last 41.5/);
  await page.getByRole("button", { name: "Earlier" }).click();
  await hasAddress(page, (query) => query.has("to"));
  await server.post({ ...climate, values: { temperature: 44 } });
  await page.waitForTimeout(1_500);
  assert.doesNotMatch(await words(page, "temperature").textContent(), /highest 44/);
});

test("a new field gets its chart beside the others, which stay", async () => {
  await open(page, server, "?range=24h");
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await page.evaluate(() => (window.canvas = document.querySelector('[data-chart="temperature"] canvas')));
  await server.post({ ...climate, values: { humidity: 51 } });
  await chart(page, "humidity").locator("canvas").waitFor();
  assert.equal(await page.evaluate(() => window.canvas === document.querySelector('[data-chart="temperature"] canvas')), true);
  await says(page, "humidity", /lowest 51/);
});

test("moving about leaves nothing behind", async () => {
  await open(page, server, "?range=24h");
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("Performance.enable");
  const measure = async () => {
    await inspector.send("HeapProfiler.enable");
    await inspector.send("HeapProfiler.collectGarbage");
    const { metrics } = await inspector.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const move = async () => {
    for (const range of ["1h", "7d", "90d", "24h"]) {
      await page.getByRole("link", { name: range, exact: true }).click();
      await page.getByRole("button", { name: "Yesterday" }).click();
      await page.waitForTimeout(120);
    }
  };
  await move();
  const first = await measure();
  for (let i = 0; i < 10; ++i) await move();
  const last = await measure();
  assert.ok(last.Nodes <= first.Nodes + 20, `nodes: ${first.Nodes}, then ${last.Nodes}`);
  assert.ok(last.JSEventListeners <= first.JSEventListeners + 5, `listeners: ${first.JSEventListeners}, then ${last.JSEventListeners}`);
  assert.equal(await page.locator("canvas").count(), await page.locator("[data-chart]").count());
});

test("the colours follow the system's", async () => {
  await open(page, server, "?range=24h");
  const light = await chart(page, "temperature").locator("canvas").screenshot();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(300);
  const corner = () => page.evaluate(() => {
    const canvas = document.querySelector('[data-chart="temperature"] canvas');
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let brightest = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) brightest = Math.max(brightest, data[i + 1]);
    return brightest;
  });
  const dark = await corner();
  assert.notDeepEqual(await chart(page, "temperature").locator("canvas").screenshot(), light);
  assert.ok(dark > 190, `the line is not light on dark: ${dark}`);
  await page.emulateMedia({ colorScheme: "light" });
});

test("in Polish the figures and times are Polish", async () => {
  const polish = await openPage(browser, { locale: "pl-PL", extraHTTPHeaders: { "accept-language": "pl" } });
  await signIn(polish, server.address);
  await open(polish, server, "?range=90d");
  assert.match(await words(polish, "temperature").textContent(), / 2,0 · .* 80,0$/);
  await polish.context().close();
});

test("without scripts the server's drawing stands, ranges are links, and the CSV is of the range", async () => {
  const plain = await openPage(browser, { javaScriptEnabled: false });
  await signIn(plain, server.address);
  await plain.goto(address(server, "?range=24h"));
  await chart(plain, "temperature").locator("path.trace").waitFor({ state: "attached" });
  assert.equal(await plain.locator("[data-chart-tools]").isVisible(), false);
  const csv = new URL(await chart(plain, "temperature").locator("[data-csv]").getAttribute("href"), server.address).searchParams;
  assert.equal(csv.get("format"), "csv");
  near(csv.get("to") - csv.get("from"), kDay, 5, "the range");
  await plain.getByRole("link", { name: "7d", exact: true }).click();
  await plain.locator(".range[aria-current]", { hasText: "7d" }).waitFor();
  await chart(plain, "temperature").locator("path.trace").waitFor({ state: "attached" });
  await plain.context().close();
});

test("no page had a script error, or anything that the policy forbids", () => {
  assert.deepEqual(page.faults, []);
});
