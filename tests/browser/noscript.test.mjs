// Without scripts: every page is readable, every form does what it says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, password, setUp, signIn, startBrowser, startServer } from "./house.mjs";

let server;
let browser;
let page;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  page = await openPage(browser, { javaScriptEnabled: false });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the password is set, and devices are told how to send", async () => {
  await setUp(page, server);
  await page.getByText("Waiting for the first reading").waitFor();
  const line = await page.locator("pre.snippet").first().textContent();
  assert.match(line, /Bearer pomiar_[\w-]{43}/);
});

test("a device gets a token, which can be revoked", async () => {
  await page.fill("#name", "balcony");
  await page.getByRole("button", { name: "Make a token" }).click();
  assert.match(await page.locator("[data-token]").textContent(), /^pomiar_/);
  await page.goto(`${server.address}/settings/access`);
  await page.getByRole("button", { name: "Revoke balcony" }).click();
  await page.getByText("The token is revoked.").waitFor();
  assert.equal(await page.getByText("balcony").count(), 0);
});

test("readings are seen: overview, charts, ranges, a file", async () => {
  const now = Date.now();
  await server.post(Array.from({ length: 30 }, (_, i) => ({ sensor: "attic", time: now - i * 60_000, values: { temperature: 20 + (i % 5) } })));
  await page.goto(server.address);
  await page.getByRole("link", { name: "attic" }).click();
  await page.locator('[data-chart="temperature"] path.trace').waitFor({ state: "attached" });
  await page.getByRole("link", { name: "7d", exact: true }).click();
  await page.locator(".range[aria-current]", { hasText: "7d" }).waitFor();
  await page.goto(`${server.address}/?order=name`);
  await page.locator(".range[aria-current]", { hasText: "By name" }).waitFor();
});

test("a sensor is named", async () => {
  await page.goto(`${server.address}/sensors/attic`);
  await page.locator("[data-label] summary").click();
  await page.fill("#label-title", "Under the roof");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Under the roof" }).waitFor();
});

test("the owner's pages are there", async () => {
  await page.goto(`${server.address}/status`);
  await page.getByText("Memory of the server").waitFor();
  await page.goto(`${server.address}/settings`);
  await page.getByText("The configuration in force").waitFor();
});

test("the password is changed, and other browsers are signed out", async () => {
  const other = await openPage(browser, { javaScriptEnabled: false });
  await signIn(other, server.address);
  await page.goto(`${server.address}/settings/access`);
  await page.fill("#old", password);
  await page.fill("#password", "another horse battery");
  await page.fill("#again", "another horse battery");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByText("The password is changed.").waitFor();
  await other.goto(`${server.address}/settings`);
  assert.match(other.url(), /\/login/);
  await other.context().close();
});

test("signing out and in again", async () => {
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.locator("main").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  await page.fill("#password", "another horse battery");
  await page.locator("main button").click();
  await page.waitForURL(`${server.address}/`);
});
