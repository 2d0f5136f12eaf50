// What a view of the overview costs on the wire: bytes and requests, as Chromium counts them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keyOf, openPage, setUp, startBrowser, startServer } from "./house.mjs";

const kFirstViewBytesMax = 60_000;
let server;
let browser;
let page;
let requests;

before(async () => {
  server = await startServer(["--demo"]);
  browser = await startBrowser({ trusted: await keyOf(server) });
  page = await openPage(browser, { ignoreHTTPSErrors: false });
  await setUp(page, server);
  await page.goto(server.address);
  await page.locator("[data-grid] > :nth-child(50)").waitFor({ state: "attached" });
  await page.waitForTimeout(5_000); // sparks of all sensors
  await page.goto("about:blank");
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.clearBrowserCache");
  requests = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => requests.set(requestId, { url: request.url, bytes: 0 }));
  session.on("Network.requestServedFromCache", ({ requestId }) => requests.delete(requestId));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache) requests.delete(requestId);
    else if (requests.has(requestId)) requests.get(requestId).bytes = response.encodedDataLength;
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function view() {
  requests.clear();
  await page.goto(server.address);
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  const seen = [...requests.values()].map(({ url, bytes }) => ({ path: new URL(url).pathname, bytes }));
  return { seen, bytes: seen.reduce((sum, { bytes }) => sum + bytes, 0) };
}

test("the first view of the overview of 50 sensors fits into 60 KB", async (t) => {
  const { seen, bytes } = await view();
  for (const { path, bytes } of seen) t.diagnostic(`${path}: ${bytes} bytes`);
  t.diagnostic(`${bytes} bytes in ${seen.length} requests`);
  assert.ok(seen.some(({ path }) => path.endsWith(".css")), "it was not the first view");
  assert.ok(bytes <= kFirstViewBytesMax, `${bytes} bytes`);
});

test("a later view is one request, and the stream of events", async (t) => {
  const { seen, bytes } = await view();
  t.diagnostic(`${bytes} bytes: ${seen.map(({ path }) => path).join(", ")}`);
  assert.deepEqual(seen.map(({ path }) => path).sort(), ["/", "/events"]);
});
