// A sensor with readings for its charts, in a server of its own, and where things are on its page.
import assert from "node:assert/strict";
import { openPage, password, startBrowser, startServer } from "./house.mjs";

export const kSecond = 1_000;
export const kMinute = 60 * kSecond;
export const kHour = 60 * kMinute;
export const kDay = 24 * kHour;
const kPatience = 8 * kSecond;
const kBatch = 15_000;

export const sensor = "climate,room=hall";
export const climate = { sensor: "climate", tags: { room: "hall" } };
const start = Date.now();
export const spike = Math.round((start - 6 * kHour) / kMinute) * kMinute;
export const silence = { from: start - 5 * kHour, to: start - 3.5 * kHour };

// 90 days: a wave by the day, one spike, one silence, and a low two months ago that only long ranges have.
function temperature(time) {
  if (Math.abs(time - spike) < 5 * kSecond) return 80;
  if (Math.abs(time - (start - 60 * kDay)) < kHour) return 2;
  return Math.round((20 + 3 * Math.sin((2 * Math.PI * (time - start)) / kDay) + ((time / 1000) % 7) / 20) * 100) / 100;
}

async function fill(server, field, step, length, value) {
  const batch = [];
  for (let time = Math.ceil((start - length) / step) * step; time < start; time += step) {
    if (field === "temperature" && time >= silence.from && time < silence.to) continue;
    batch.push({ ...climate, time, values: { [field]: value(time) } });
    if (batch.length === kBatch) await server.post(batch.splice(0));
  }
  await server.post(batch);
}

// {server, browser, page}, signed in. `step`: between temperatures.
export async function startCharts(step) {
  const server = await startServer();
  const browser = await startBrowser();
  const page = await openPage(browser, { viewport: { width: 1200, height: 900 } });
  await page.goto(server.setupLink);
  await page.fill("#password", password);
  await page.fill("#again", password);
  await page.click("main button");
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
  await fill(server, "temperature", step, 90 * kDay, temperature);
  await fill(server, "door", 2 * kHour, 20 * kDay, (time) => (time / (2 * kHour)) % 2 === 0);
  return { server, browser, page };
}

export const chart = (where, field) => where.locator(`[data-chart="${field}"]`);
export const words = (where, field) => chart(where, field).locator("[data-figures]");
export const shown = (where) => new URL(where.url()).searchParams;
export const address = (server, query = "") => `${server.address}/sensors/${encodeURIComponent(sensor)}${query}`;

export async function open(where, server, query) {
  where.setDefaultTimeout(kPatience);
  await where.goto(address(server, query));
  await chart(where, "temperature").locator("canvas").waitFor();
  await words(where, "temperature").filter({ hasText: /\d/ }).waitFor();
  await where.evaluate(() => (window.stayed = true));
}

export async function says(where, field, pattern) {
  await words(where, field).filter({ hasText: pattern }).waitFor().catch(async () => {
    assert.match(await words(where, field).textContent(), pattern);
  });
}

export async function hasAddress(where, check) {
  await where.waitForURL((url) => check(url.searchParams), { waitUntil: "commit" });
}

// Where the plot of a field lies; `at` is a share of its width.
export async function place(where, field = "temperature") {
  const over = chart(where, field).locator(".u-over");
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  return { box, at: (share) => [box.x + share * box.width, box.y + box.height / 2] };
}

export const near = (value, wanted, tolerance, what) =>
  assert.ok(Math.abs(value - wanted) <= tolerance, `${what}: ${value}, not ${wanted} ± ${tolerance}`);
