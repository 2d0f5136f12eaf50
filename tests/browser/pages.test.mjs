// The pages in a real browser: set up, wait, see readings come in, look at a sensor; with and without scripts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, password, request, setUp, signIn, startBrowser, startServer } from "./house.mjs";

let server;
let browser;
let page;

const card = (where, sensor) => where.locator(`[data-grid] [data-sensor="${sensor}"]`);
const value = (where, sensor, field) => where.locator(`[data-sensor="${sensor}"] [data-field="${field}"] .value`);

async function shows(locator, text) {
  await locator.filter({ hasText: new RegExp(`^${text.replace(".", "\\.")}$`) }).waitFor();
}

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  page = await openPage(browser);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("without a sign-in the overview leads to the login page", async () => {
  await page.goto(server.address);
  assert.match(new URL(page.url()).pathname, /^\/(login|setup)/);
});

test("the setup link sets the password and signs in, once", async () => {
  await setUp(page, server);

  const stranger = await openPage(browser);
  const answer = await stranger.goto(server.setupLink);
  assert.ok(answer.status() >= 400 || !stranger.url().includes("/setup"), "the link worked twice");
  await stranger.context().close();
});

test("a wrong password is refused, the right one signs in", async () => {
  const stranger = await openPage(browser);
  await stranger.goto(`${server.address}/login`);
  await stranger.fill("#password", "wrong");
  await stranger.click("main button");
  await stranger.locator("[role=alert]").waitFor();
  await signIn(stranger, server.address);
  await stranger.context().close();
});

test("the first reading ends the waiting", async () => {
  await page.goto(server.address);
  await page.locator("[data-waiting]").waitFor();
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await server.post({ sensor: "climate", tags: { room: "kitchen" }, values: { temperature: 21.4 } });
  await shows(value(page, "climate,room=kitchen", "temperature"), "21.4");
});

test("a posted reading is on the open page without a reload", async (t) => {
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await page.evaluate(() => (window.stayed = true));
  const start = Date.now();
  await server.post({ sensor: "climate", tags: { room: "kitchen" }, values: { temperature: 22.6 } });
  await shows(value(page, "climate,room=kitchen", "temperature"), "22.6");
  t.diagnostic(`after ${Date.now() - start} ms`);
  assert.equal(await page.evaluate(() => window.stayed), true);
  assert.match(await card(page, "climate,room=kitchen").locator("time").textContent(), /^(now|\d+ s ago)$/);
});

test("a new sensor's card appears without a reload", async () => {
  await server.post({ sensor: "garage", values: { power: 1200, door: true } });
  await shows(value(page, "garage", "power"), "1200");
  assert.equal(await page.locator("[data-count]").textContent(), "2 sensors");
  assert.equal(await page.evaluate(() => window.stayed), true);
});

test("names and texts are shown, never run", async () => {
  const name = '<img src=x onerror="window.stayed=false">';
  await server.post({ sensor: name, values: { note: "<b>bold</b>" } });
  await page.getByText(name).first().waitFor();
  assert.equal(await page.locator("[data-grid] img, [data-grid] b").count(), 0);
  assert.equal(await page.evaluate(() => window.stayed), true);
});

test("a sensor's page has its chart, ranges and latest values, live", async () => {
  const now = Date.now();
  const readings = Array.from({ length: 60 }, (_, i) => ({
    sensor: "climate", tags: { room: "kitchen" }, time: now - (60 - i) * 60_000, values: { temperature: 20 + Math.sin(i / 6) },
  }));
  await server.post(readings);
  await page.goto(server.address);
  await card(page, "climate,room=kitchen").locator("h3 a").click();
  await page.locator('[data-chart="temperature"] path.trace').waitFor({ state: "attached" });
  for (const range of ["1h", "7d", "all"]) {
    await page.getByRole("link", { name: range, exact: true }).click();
    await page.locator(".range[aria-current]", { hasText: range }).waitFor();
    const line = await page.locator('[data-chart="temperature"] path.trace').getAttribute("d");
    assert.match(line, /^M[\d.,\- ]+/, range);
  }
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  await server.post({ sensor: "climate", tags: { room: "kitchen" }, values: { temperature: 19.5 } });
  await shows(value(page, "climate,room=kitchen", "temperature"), "19.5");
});

test("a new field's row and chart appear on the sensor's page without a reload", async () => {
  await page.evaluate(() => (window.stayed = true));
  await server.post({ sensor: "climate", tags: { room: "kitchen" }, values: { humidity: 51 } });
  await shows(value(page, "climate,room=kitchen", "humidity"), "51");
  await page.locator('[data-chart="humidity"]').waitFor();
  assert.equal(await page.evaluate(() => window.stayed), true);
});

test("a page whose events were refused follows them again", async () => {
  const patient = await openPage(browser);
  await signIn(patient, server.address);
  await patient.route("**/events*", (route) => route.fulfill({ status: 503 }), { times: 1 });
  await patient.reload();
  await patient.locator('[data-live-mark][data-state="lost"]').waitFor();
  await patient.locator('[data-live-mark][data-state="live"]').waitFor();
  await server.post({ sensor: "garage", values: { power: 1300 } });
  await shows(value(patient, "garage", "power"), "1300");
  await server.post({ sensor: "garage", values: { power: 1200 } });
  await patient.context().close();
});

test("a page whose session has ended leads to the sign-in", async () => {
  const forgotten = await openPage(browser);
  await signIn(forgotten, server.address);
  await forgotten.locator('[data-live-mark][data-state="live"]').waitFor();
  await forgotten.context().clearCookies();
  await server.post({ sensor: "cellar", values: { temperature: 8 } });
  await forgotten.waitForURL(/\/login/);
  await forgotten.context().close();
});

test("without scripts the pages show the same values", async () => {
  const plain = await openPage(browser, { javaScriptEnabled: false });
  await signIn(plain, server.address);
  await shows(value(plain, "climate,room=kitchen", "temperature"), "19.5");
  await shows(value(plain, "garage", "power"), "1200");
  await card(plain, "climate,room=kitchen").locator("h3 a").click();
  await plain.locator('[data-chart="temperature"] path.trace').waitFor({ state: "attached" });
  await plain.context().close();
});

test("nothing overflows a phone, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const phone = await openPage(browser, { viewport: { width: 360, height: 700 }, colorScheme });
    await signIn(phone, server.address);
    for (const address of [server.address, `${server.address}/sensors/garage`, `${server.address}/login`]) {
      await phone.goto(address);
      const wide = await phone.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert.equal(wide, false, address);
    }
    assert.deepEqual(phone.faults, []);
    await phone.context().close();
  }
});

test("a sensor that is not there has a page that says so", async () => {
  const answer = await page.goto(`${server.address}/sensors/nowhere`);
  assert.equal(answer.status(), 404);
  await page.getByRole("link", { name: "Back to the overview" }).waitFor();
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
});

test("static files are immutable, compressed, and answer 304", async () => {
  await page.goto(server.address);
  const address = server.address + (await page.locator("link[rel=stylesheet]").getAttribute("href"));
  const answer = await request(address, { headers: { "accept-encoding": "br, gzip" } });
  assert.equal(answer.headers["content-encoding"], "br");
  assert.match(answer.headers["cache-control"], /max-age=31536000.*immutable/);
  const again = await request(address, { headers: { "if-none-match": answer.headers.etag } });
  assert.equal(again.status, 304);
});

test("signing out ends the session", async () => {
  await page.goto(server.address);
  await page.getByRole("link", { name: "Sign out" }).click();
  await page.locator("main").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  await page.goto(server.address);
  assert.match(new URL(page.url()).pathname, /^\/login/);
});

test("no page had a script error or a blocked resource", () => {
  assert.deepEqual(page.faults, []);
});
