// As somebody new does it: the setup link, a password, a line copied from the page, and the chart is there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { openPage, password, setUp, startBrowser, startServer } from "./house.mjs";

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("from the setup link to the chart of a reading sent with the copied line, without a reload", async (t) => {
  const began = Date.now();
  const page = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  await setUp(page, server);
  await page.getByText("Waiting for the first reading").waitFor();
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await page.locator("details[open]", { hasText: "curl" }).getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(line, /^curl -k https:\/\/127\.0\.0\.1:\d+\/api\/v1\/measurements/);
  const sent = spawnSync("bash", ["-c", line], { encoding: "utf8" });
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(sent.stdout, "");
  await page.waitForURL(/\/sensors\/kitchen/);
  await page.locator('[data-chart="temperature"]').waitFor();
  await page.locator('[data-field="temperature"] .value', { hasText: "21.4" }).waitFor();
  t.diagnostic(`after ${Date.now() - began} ms`);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("every other line bears the same address and token", async () => {
  const page = await openPage(browser);
  await page.goto(`${server.address}/login`);
  await page.fill("#password", password);
  await page.click("main button");
  await page.goto(`${server.address}/connect`);
  const port = new URL(server.address).port;
  for (const snippet of await page.locator("pre.snippet").allTextContents()) {
    assert.match(snippet, /TOKEN|mqtt_consumer/, "a browser that did not set the password knows no token");
  }
  await page.fill("#name", "balcony");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = await page.locator("[data-token]").textContent();
  assert.match(token, /^pomiar_[\w-]{43}$/);
  for (const device of ["curl", "Python", "ESPHome", "Tasmota", "Home Assistant", "Telegraf", "Shelly", "Arduino"]) {
    const snippet = await page.locator("details", { hasText: device }).locator("pre").first().textContent();
    assert.ok(snippet.includes(token), device);
    assert.ok(snippet.includes(device === "Tasmota" ? "127.0.0.1:8086" : port), device);
  }
  await page.goto(`${server.address}/connect`);
  assert.equal((await page.content()).includes(token), false, "it is shown once");
  await page.context().close();
});

test("the line for Python works as it is", async () => {
  const page = await openPage(browser);
  await page.goto(`${server.address}/login`);
  await page.fill("#password", password);
  await page.click("main button");
  await page.goto(`${server.address}/connect`);
  await page.fill("#name", "python");
  await page.getByRole("button", { name: "Make a token" }).click();
  const program = await page.locator("details", { hasText: "Python" }).locator("pre").textContent();
  const sent = spawnSync("/usr/bin/python3", ["-c", program.replace('"kitchen"', '"attic"')], { encoding: "utf8" });
  assert.equal(sent.status, 0, sent.stderr);
  await page.goto(`${server.address}/sensors/attic`);
  await page.locator('[data-field="temperature"] .value', { hasText: "21.4" }).waitFor();
  await page.context().close();
});

test("a name that is taken shows no token, and keeps what was typed", async () => {
  const page = await openPage(browser);
  await page.goto(`${server.address}/login`);
  await page.fill("#password", password);
  await page.click("main button");
  await page.goto(`${server.address}/connect`);
  await page.fill("#name", "balcony");
  await page.getByRole("button", { name: "Make a token" }).click();
  await page.locator("[role=alert]", { hasText: "There is a token of that name already" }).waitFor();
  assert.equal(await page.locator("[data-token]").count(), 0);
  assert.equal(await page.inputValue("#name"), "balcony");
  await page.context().close();
});

test("the page stays as it is while only the server reports, and follows the first device", async () => {
  process.env.POMIAR_SELF_EVERY = "1s";
  const own = await startServer();
  delete process.env.POMIAR_SELF_EVERY;
  const page = await openPage(browser);
  await setUp(page, own);
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.fill("#name", "half a na");
  await page.waitForTimeout(4_000);
  assert.equal(loads, 0);
  assert.equal(await page.inputValue("#name"), "half a na");
  await own.post({ sensor: "kitchen", values: { temperature: 21.4 } });
  await page.waitForURL(/\/sensors\/kitchen/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await own.stop();
});
