// A server of its own and a browser for one test file: started on a free port with an empty data folder, stopped at the end.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createHash, X509Certificate } from "node:crypto";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { chromium } from "playwright-core";

export const password = "correct horse battery staple";
const binary = process.env.POMIAR_BINARY ?? path.resolve(import.meta.dirname ?? ".", "../../build/dev/src/cli/pomiar");
const kStartTimeout = 30_000;

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// options: further ones of `pomiar serve`. Resolves when the server has printed its setup link and answers.
export async function startServer(options = []) {
  const data = mkdtempSync(path.join(os.tmpdir(), "pomiar-browser-"));
  const port = await freePort();
  const address = `https://127.0.0.1:${port}`;
  // What tests count is what they have sent themselves.
  const environment = { POMIAR_SELF_EVERY: "0s", ...process.env, POMIAR_STORAGE_PATH: data };
  const child = spawn(binary, ["serve", "--listen", `127.0.0.1:${port}`, ...options], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise((resolve) => child.on("exit", resolve));

  const stop = async () => {
    child.kill("SIGTERM");
    const status = await ended;
    rmSync(data, { recursive: true, force: true });
    if (status !== 0) throw new Error(`the server ended with ${status}:\n${said}`);
  };
  const until = Date.now() + kStartTimeout;
  while (!(/\/setup\S+/.test(said) && (await request(`${address}/healthz`)).status === 200)) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`the server did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const added = spawnSync(binary, ["token", "add", "browser", "--can", "write"], { env: environment, encoding: "utf8" });
  if (added.status !== 0) throw new Error(`token add: ${added.stderr}`);
  const token = added.stdout.trim();

  return {
    address,
    data,
    setupLink: address + said.match(/\/setup\S+/)[0],
    stop,
    // Sends readings as JSON; the answer must be 204.
    async post(body) {
      const answer = await request(`${address}/api/v1/measurements`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (answer.status !== 204) throw new Error(`${answer.status}: ${answer.body}`);
    },
  };
}

// Like fetch, but content with the server's own certificate. Status 0 if nobody answers.
export function request(address, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve) => {
    const call = https.request(address, { method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    call.on("error", () => resolve({ status: 0, headers: {}, body: "" }));
    call.end(body);
  });
}

// The server's key as `trusted` of startBrowser() wants it: the SHA-256 of its SubjectPublicKeyInfo, base64.
export function keyOf(server) {
  const { hostname: host, port } = new URL(server.address);
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, rejectUnauthorized: false }, () => {
      const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
      resolve(createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("base64"));
      socket.end();
    });
    socket.on("error", reject);
  });
}

// trusted: a key whose certificate counts as good; a browser caches nothing of a server that it does not trust.
export function startBrowser({ trusted } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", ...(trusted ? [`--ignore-certificate-errors-spki-list=${trusted}`] : []),
    ],
  });
}

// A page whose faults (script errors, blocked resources, failed requests) are collected in `page.faults`.
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    // Another program on the machine has made or removed a network interface; the browser tries again.
    const isElsewhere = message.text().includes("net::ERR_NETWORK_CHANGED");
    if (message.type() === "error" && !isElsewhere) page.faults.push(message.text());
  });
  return page;
}

// A fresh start's first steps; ends on the page that tells how devices are connected.
export async function setUp(page, server) {
  await page.goto(server.setupLink);
  await page.fill("#password", password);
  await page.fill("#again", password);
  await page.click("main button");
  await page.waitForURL(`${server.address}/connect`);
}

export async function signIn(page, address) {
  await page.goto(`${address}/login`);
  await page.fill("#password", password);
  await page.click("main button");
  await page.waitForURL(`${address}/`);
}
