// node tests/browser/overview.mjs FILE.png: the overview of the simulated house, for the README.
import { openPage, setUp, startBrowser, startServer } from "./house.mjs";

const server = await startServer(["--demo"]);
const browser = await startBrowser();
const page = await openPage(browser, { viewport: { width: 1200, height: 720 } });
await setUp(page, server);
await page.locator("[data-grid] > :nth-child(40)").waitFor({ state: "attached" });
await page.waitForTimeout(Number(process.env.POMIAR_PICTURE_WAIT_MS ?? 20_000));
await page.reload();
await page.locator('[data-live-mark][data-state="live"]').waitFor();
await page.waitForTimeout(1_500);
await page.screenshot({ path: process.argv[2] ?? "overview.png" });
await browser.close();
await server.stop();
