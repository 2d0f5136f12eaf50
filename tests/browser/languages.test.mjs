// Pages in the reader's language and colours, by the names their owner gives, and the owner's own pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, setUp, signIn, startBrowser, startServer } from "./house.mjs";

let server;
let browser;

const value = (where, sensor, field) => where.locator(`[data-sensor="${sensor}"] [data-field="${field}"] .value`);
const hall = "climate,room=hall";

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  const page = await openPage(browser);
  await setUp(page, server);
  await page.context().close();
  await server.post({ sensor: "climate", tags: { room: "hall" }, values: { temperature: 20.5, open: false } });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a Polish browser gets Polish pages, numbers and live values", async () => {
  const page = await openPage(browser, { locale: "pl-PL" });
  await signIn(page, server.address);
  assert.equal(await page.locator("html").getAttribute("lang"), "pl");
  await page.getByRole("heading", { name: "Przegląd" }).waitFor();
  await value(page, hall, "temperature").filter({ hasText: "20,5" }).waitFor();
  await page.locator('[data-live-mark][data-state="live"]', { hasText: "na żywo" }).waitFor();
  await server.post({ sensor: "climate", tags: { room: "hall" }, values: { temperature: 21.25, open: true } });
  await value(page, hall, "temperature").filter({ hasText: /^21,3$/ }).waitFor();
  await value(page, hall, "open").filter({ hasText: "wł." }).waitFor();
  assert.match(await page.locator(`[data-sensor="${hall}"] time`).textContent(), /^(teraz|\d+ s temu)$/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("the reader's choice of language and colours stays, with and without scripts", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await openPage(browser, { javaScriptEnabled, colorScheme: "light" });
    await signIn(page, server.address);
    await page.locator(`[data-sensor="${hall}"] h3 a`).click();
    await page.selectOption("#language", "pl");
    await page.selectOption("#theme", "dark");
    await page.locator("footer button").click();
    await page.waitForURL(/\/sensors\//);
    assert.equal(await page.locator("html").getAttribute("lang"), "pl");
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await page.goto(server.address);
    await page.getByRole("heading", { name: "Przegląd" }).waitFor();
    const ground = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    assert.equal(ground, "rgb(11, 15, 21)");
    await page.context().close();
  }
});

test("the owner names a sensor and its fields in place, with and without scripts", async () => {
  for (const [i, javaScriptEnabled] of [true, false].entries()) {
    const page = await openPage(browser, { javaScriptEnabled });
    await signIn(page, server.address);
    await page.locator(`[data-sensor="${hall}"] h3 a`).click();
    await page.locator("[data-label] summary").click();
    await page.fill("#label-title", `Corridor ${i}`);
    await page.fill("#label-group", "Ground floor");
    const field = page.locator("fieldset", { hasText: "temperature" });
    await field.getByLabel("Unit").fill("°F");
    await field.getByLabel("Decimals").selectOption("2");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: `Corridor ${i}` }).waitFor();
    await page.goto(server.address);
    await page.getByRole("heading", { name: "Ground floor" }).waitFor();
    await value(page, hall, "temperature").filter({ hasText: /^21\.25$/ }).waitFor();
    await page.context().close();
  }
});

test("the owner's pages tell how the server is and what is set", async () => {
  const page = await openPage(browser);
  await signIn(page, server.address);
  await page.getByRole("link", { name: "Status" }).click();
  await page.getByText("No backups are made.").waitFor();
  await page.getByText("Memory of the server").waitFor();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByText("The configuration in force").click();
  await page.getByRole("rowheader", { name: "storage.budget" }).waitFor();
  const stranger = await openPage(browser);
  for (const path of ["/status", "/settings"]) {
    await stranger.goto(server.address + path);
    assert.match(new URL(stranger.url()).pathname, /^\/login/, path);
  }
  await stranger.context().close();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
