// node tests/browser/kiosk.mjs [MINUTES]: the overview and a sensor's page stay open while an update comes each second. Prints the
// script memory of each page, after garbage collection, minute by minute, and whether the last third's is within 5 % of the second's.
import { openPage, setUp, signIn, startBrowser, startServer } from "./house.mjs";

const minutes = Number(process.argv[2] ?? 30);
const kGrowthMax = 0.05;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const server = await startServer();
const browser = await startBrowser();
const first = await openPage(browser);
await setUp(first, server);
await first.context().close();

const readings = () => Array.from({ length: 50 }, (_, i) => ({
  sensor: "climate", tags: { room: `room ${i}` }, values: { temperature: 20 + Math.random() * 5, humidity: 40 + Math.random() * 20 },
}));
await server.post(readings());

const open = async (path) => {
  const page = await openPage(browser, { viewport: { width: 1280, height: 800 } });
  await signIn(page, server.address);
  await page.goto(server.address + path);
  await page.locator('[data-live-mark][data-state="live"]').waitFor();
  const session = await page.context().newCDPSession(page);
  const heap = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  return { path, page, heap, sizes: [] };
};
const kiosks = [await open("/"), await open("/sensors/climate%2Croom%3Droom%5C%200?range=1h")];

const end = Date.now() + minutes * 60_000;
let sampled = Date.now();
while (Date.now() < end) {
  const began = Date.now();
  await server.post(readings());
  if (Date.now() - sampled >= 20_000) {
    sampled = Date.now();
    for (const kiosk of kiosks) kiosk.sizes.push(await kiosk.heap());
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1_000 - (Date.now() - began))));
}

let grew = false;
for (const { path, page, sizes } of kiosks) {
  const third = Math.floor(sizes.length / 3);
  const [second, last] = [median(sizes.slice(third, 2 * third)), median(sizes.slice(2 * third))];
  const growth = last / second - 1;
  grew ||= growth > kGrowthMax || page.faults.length > 0;
  console.log(`${path}: ${minutes} min, second third ${(second / 1e6).toFixed(2)} MB, last ${(last / 1e6).toFixed(2)} MB, ` +
    `${(growth * 100).toFixed(1)} % (at most ${kGrowthMax * 100}), ${page.faults.length} faults`);
}
await browser.close();
await server.stop();
process.exit(grew ? 1 : 0);
