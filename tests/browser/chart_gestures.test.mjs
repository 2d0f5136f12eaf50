// Zoom, pan and deletion on the charts of a sensor's page: by mouse, wheel, fingers and keys.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  address, chart, hasAddress, kDay, kHour, kMinute, near, open, place, says, sensor, shown, spike, startCharts,
} from "./chart_house.mjs";
import { openPage, signIn } from "./house.mjs";

let server;
let browser;
let page;

before(async () => {
  ({ server, browser, page } = await startCharts(kMinute));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function drag(where, from, to) {
  const { at } = await place(where);
  await where.mouse.move(...at(from));
  await where.mouse.down();
  await where.mouse.move(...at((from + to) / 2));
  await where.mouse.move(...at(to));
  await where.mouse.up();
}

test("a drag zooms all charts, a double click goes back", async () => {
  await open(page, server, "?range=24h");
  const until = Date.now();
  await drag(page, 0.25, 0.5);
  await hasAddress(page, (query) => query.has("from"));
  near(Number(shown(page).get("from")), until - 18 * kHour, 10 * kMinute, "from");
  near(Number(shown(page).get("to")), until - 12 * kHour, 10 * kMinute, "to");
  const link = await chart(page, "door").locator("[data-csv]").getAttribute("href");
  assert.equal(new URL(link, server.address).searchParams.get("from"), shown(page).get("from"));
  await page.mouse.move(5, 5);
  await says(page, "temperature", /highest 2\d/); // the spike is not in it
  const csv = await page.evaluate(async (href) => (await fetch(href)).text(), await chart(page, "temperature").locator("[data-csv]").getAttribute("href"));
  near(csv.trim().split("\n").length, 6 * 60, 15, "lines of CSV");
  const zoomed = page.url();
  await page.reload();
  await says(page, "temperature", /highest 2\d/);
  assert.equal(page.url(), zoomed);
  await page.evaluate(() => (window.stayed = true));

  const { at } = await place(page);
  await drag(page, 0.4, 0.6);
  await hasAddress(page, (query) => query.get("from") !== new URL(zoomed).searchParams.get("from"));
  await page.mouse.dblclick(...at(0.5));
  await page.waitForURL(zoomed, { waitUntil: "commit" });
  await page.keyboard.press("Escape");
  await page.mouse.move(5, 5);
  await hasAddress(page, (query) => query.get("range") === "24h" && !query.has("from"));
  await says(page, "temperature", /highest 80/);
  assert.equal(await page.evaluate(() => window.stayed), true);
});

test("the wheel zooms around the pointer once a chart was clicked, and is one step back", async () => {
  await open(page, server, "?range=24h");
  const { at } = await place(page);
  await page.mouse.move(...at(0.25));
  await page.mouse.wheel(0, 1);
  await page.waitForTimeout(400);
  assert.equal(shown(page).has("from"), false);
  await page.mouse.click(...at(0.25));
  const until = Date.now();
  for (let i = 0; i < 4; ++i) await page.mouse.wheel(0, -120);
  await hasAddress(page, (query) => query.has("from") && query.has("to"));
  await page.waitForTimeout(500); // until the address is told
  const [from, to] = ["from", "to"].map((name) => Number(shown(page).get(name)));
  near(to - from, 24 * kHour / 1.0015 ** 480, 20 * kMinute, "length");
  near(from + (to - from) * 0.25, until - 18 * kHour, 20 * kMinute, "what lies under the pointer");
  await page.goBack();
  await hasAddress(page, (query) => !query.has("from"));
});

test("keys pan, zoom and reset; buttons do the same", async () => {
  await open(page, server, "?range=24h");
  await chart(page, "temperature").locator(".plot").focus();
  const until = Date.now();
  await page.keyboard.press("ArrowLeft");
  await hasAddress(page, (query) => query.has("to"));
  await page.waitForTimeout(500);
  near(Number(shown(page).get("to")), until - 2.4 * kHour, 10 * kMinute, "panned");
  await page.keyboard.press("+");
  await page.waitForTimeout(500);
  near(shown(page).get("to") - shown(page).get("from"), 16 * kHour, 10 * kMinute, "zoomed in");
  await page.keyboard.press("-");
  await page.waitForTimeout(500);
  near(shown(page).get("to") - shown(page).get("from"), 24 * kHour, 10 * kMinute, "zoomed out");
  await page.keyboard.press("Escape");
  await hasAddress(page, (query) => !query.has("from"));

  await page.getByRole("button", { name: "Earlier" }).click();
  await hasAddress(page, (query) => query.has("to"));
  near(Number(shown(page).get("to")), until - 6 * kHour, 10 * kMinute, "earlier");
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("button", { name: "Zoom out" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await hasAddress(page, (query) => Number(query.get("from")) < 0); // it ends now, and moves on
  await page.getByRole("button", { name: "Reset" }).click();
  await hasAddress(page, (query) => !query.has("from"));
});

// What a page asks for that changes something.
function changesOf(where) {
  const asked = [];
  where.on("request", (request) => request.method() !== "GET" && asked.push(request));
  return asked;
}

const markBar = (where) => where.locator(".mark-bar");

test("a spike is marked, deleted, and taken back", async () => {
  const asked = changesOf(page);
  await open(page, server, "?range=24h");
  const share = 1 - (Date.now() - spike) / kDay;
  await page.keyboard.down("Shift");
  await drag(page, share - 0.01, share + 0.01);
  await page.keyboard.up("Shift");
  await markBar(page).getByText(/^Delete \d\d readings from \w+ \d+, \d\d:\d\d:\d\d to .*\?$/).waitFor();
  assert.equal(shown(page).has("from"), false, "it was taken for a zoom");
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await markBar(page).count(), 0);

  await page.getByRole("button", { name: "Select" }).click();
  await drag(page, share - 0.01, share + 0.01);
  await markBar(page).getByRole("button", { name: "Delete" }).click();
  await page.locator(".toast").getByText(/^\d+ readings deleted\.$/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Select" }).getAttribute("aria-pressed"), "false");
  await page.mouse.move(5, 5);
  await says(page, "temperature", /highest 2\d/);
  const query = new URL(asked[0].url()).searchParams;
  assert.equal(asked[0].method(), "DELETE");
  assert.equal(query.get("sensor"), sensor);
  assert.equal(query.get("field"), "temperature");
  assert.ok(query.get("from") < spike && spike < query.get("to"));
  near(query.get("to") - query.get("from"), 0.02 * kDay, 10 * kMinute, "length");
  assert.equal(asked[0].headers()["x-csrf-token"], await page.locator("[data-chart-select]").getAttribute("data-csrf"));

  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await page.locator(".toast").getByText("The readings are back.").waitFor();
  await says(page, "temperature", /highest 80/);
  assert.equal(asked[1].method(), "POST");
  assert.ok(new URL(asked[1].url()).searchParams.get("undo"));
  assert.equal(asked[1].headers()["x-csrf-token"], asked[0].headers()["x-csrf-token"]);
  assert.ok(asked[0].headers()["x-csrf-token"].length > 10);
  await page.locator(".toast").getByRole("button", { name: "Close" }).click();
  assert.equal(await page.locator(".toast").isVisible(), false);
  page.removeAllListeners("request");
});

test("a span is marked by two clicks, and by keys alone", async () => {
  const asked = changesOf(page);
  await open(page, server, "?range=24h");
  await page.getByRole("button", { name: "Select" }).click();
  const { at } = await place(page);
  await page.mouse.click(...at(0.3));
  await page.mouse.click(...at(0.4));
  await markBar(page).getByText(/^Delete \d+ readings/).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await markBar(page).count(), 0);

  await chart(page, "temperature").locator(".plot").focus();
  await page.mouse.move(5, 5);
  for (let i = 0; i < 5; ++i) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Enter");
  await markBar(page).getByText(/^Delete \d+ readings/).waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.locator(".toast").getByText(/^\d+ readings deleted\.$/).waitFor();
  const query = new URL(asked[0].url()).searchParams;
  near(query.get("to") - query.get("from"), 0.05 * kDay, kMinute, "length");
  page.removeAllListeners("request");
});

test("a deletion that the server refuses is told", async () => {
  await page.route("**/api/v1/measurements?*", (route) => route.fulfill({ status: 503, json: { detail: "the device is full" } }));
  await open(page, server, "?range=24h");
  await page.keyboard.down("Shift");
  await drag(page, 0.3, 0.4);
  await page.keyboard.up("Shift");
  await markBar(page).getByRole("button", { name: "Delete" }).click();
  await page.locator(".toast").getByText("That did not work: the device is full").waitFor();
  await page.unrouteAll();
  page.faults = page.faults.filter((fault) => !fault.includes("503"));
});

test("on a phone one finger pans, two pinch, and a tap tells", async () => {
  const phone = await openPage(browser, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await signIn(phone, server.address);
  await open(phone, server, "?range=24h");
  const wide = await phone.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(wide, false);
  const touch = await phone.context().newCDPSession(phone);
  const { at } = await place(phone);
  const points = (...shares) => shares.map((share, id) => ({ x: at(share)[0], y: at(share)[1], id }));
  const send = (type, ...shares) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: points(...shares) });

  await send("touchStart", 0.3);
  for (const share of [0.4, 0.5, 0.6, 0.7, 0.8]) await send("touchMove", share);
  await send("touchEnd");
  await phone.waitForTimeout(500);
  const panned = ["from", "to"].map((name) => Number(shown(phone).get(name)));
  near(panned[1], Date.now() - 0.5 * kDay, kHour, "panned");
  near(panned[1] - panned[0], kDay, kMinute, "the length stays");

  await send("touchStart", 0.4, 0.6);
  for (const spread of [0.15, 0.2, 0.3, 0.4]) await send("touchMove", 0.5 - spread, 0.5 + spread);
  await send("touchEnd");
  await phone.waitForTimeout(500);
  const pinched = ["from", "to"].map((name) => Number(shown(phone).get(name)));
  near(pinched[1] - pinched[0], kDay / 4, 30 * kMinute, "pinched");
  near((pinched[0] + pinched[1]) / 2, (panned[0] + panned[1]) / 2, 30 * kMinute, "the middle stays");

  await phone.touchscreen.tap(...at(0.5));
  await says(phone, "temperature", /^\w+ \d+, \d\d:\d\d(:\d\d)? · /);
  assert.deepEqual(phone.faults, []);
  await phone.context().close();
});

test("no page had a script error, or anything that the policy forbids", () => {
  assert.deepEqual(page.faults, []);
});
