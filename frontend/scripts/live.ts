// Follows /events and puts each new value where it stands on the page. What cannot be told from an event alone (a new
// sensor's card, a new field's row, sparks and charts) is renewed from the server.
import { setTime } from "./ages";
import { Throttle, renewCharts, renewFields, renewGrid, renewOwnPage } from "./renew";
import { _, localNumber } from "./texts";

interface FieldUpdate {
  time: number; // milliseconds since 1970
  value: number | string | boolean;
  text: string; // as the page shows it
}
export interface Update {
  sensors: { sensor: string; fields: Record<string, FieldUpdate> }[];
}

const kGridPeriod = 60_000; // sparks show a day: a minute is less than a pixel
const kOwnPagePeriod = 60_000;
const kUnknownPeriod = 1_000;
const kUnknownTries = 3; // the server's answer may be a second old; and the overview has a thousand cards at most
const kReopenPeriod = 5_000;
const kReopenPeriodMax = 60_000;

const marks = { connecting: _("connecting"), live: _("live"), lost: _("reconnecting") };

const grid = new Throttle(renewGrid);
const charts = new Throttle(renewCharts);
const fields = new Throttle(renewFields);
const ownPage = document.body.dataset["own"] === undefined ? undefined : new Throttle(renewOwnPage);
const unknown = new Map<string, number>(); // how often it was asked for

const attribute = (name: string, value: string) => `[${name}="${CSS.escape(value)}"]`;

// The arc that gauge() draws.
function turnGauge(gauge: Element, value: number | string | boolean): void {
  const arc = gauge.querySelector(".gauge-arc");
  if (!arc) return;
  const [min, max] = ["data-min", "data-max"].map((name) => Number(gauge.getAttribute(name))) as [number, number];
  const part = Math.min(1, Math.max(0, typeof value === "boolean" ? Number(value) : (Number(value) - min) / (max - min)));
  arc.setAttribute("stroke-dasharray", `${(part * 100).toFixed(1)} 200`);
}

function show(container: Element, name: string, field: FieldUpdate): boolean {
  const row = container.querySelector(`:scope ${attribute("data-field", name)}`);
  const value = row?.querySelector<HTMLElement>(".value");
  if (!row || !value) return false;
  const time = row.querySelector("time") ?? container.querySelector("time");
  if (time && field.time < Date.parse(time.dateTime) && row.contains(time)) return true; // late, not latest
  const text = localNumber(field.text, field.value, (row as HTMLElement).dataset["decimals"]);
  if (value.textContent !== text) {
    turnGauge(row, field.value);
    value.textContent = text;
    value.classList.remove("fresh");
    void value.offsetWidth; // starts the animation anew
    value.classList.add("fresh");
  }
  if (time && !(field.time < Date.parse(time.dateTime))) setTime(time, field.time);
  return true;
}

function isWorthAsking(sensor: string, field: string): boolean {
  const name = JSON.stringify([sensor, field]);
  const tries = (unknown.get(name) ?? 0) + 1;
  unknown.set(name, tries);
  return tries <= kUnknownTries;
}

// The page of a fresh start: what came is shown at once.
function leadToFirst(update: Update): boolean {
  const first = update.sensors.find(({ sensor }) => !/^pomiar(,|$)/.test(sensor));
  if (!first) return false;
  if (document.querySelector("[data-first-reading]")) location.assign(`/sensors/${encodeURIComponent(first.sensor)}?range=1h`);
  else if (document.querySelector("[data-waiting]")) location.reload();
  else return false;
  return true;
}

function apply(update: Update): void {
  if (leadToFirst(update)) return;
  document.dispatchEvent(new CustomEvent<Update>("readings", { detail: update }));
  let ask = false;
  for (const { sensor, fields } of update.sensors) {
    const containers = [...document.querySelectorAll(attribute("data-sensor", sensor))];
    for (const [name, field] of Object.entries(fields)) {
      const shown = containers.filter((container) => show(container, name, field));
      if (shown.length === 0 && isWorthAsking(sensor, name)) ask = true;
    }
  }
  renew(ask);
}

// `all`: something is missing on the page.
function renew(all: boolean): void {
  if (ownPage) return ownPage.ask(kOwnPagePeriod); // it shows what it likes
  const drawn = document.querySelector<HTMLElement>("[data-charts]");
  if (!drawn) grid.ask(all ? kUnknownPeriod : kGridPeriod);
  else if (all) fields.ask(kUnknownPeriod);
  else if (!("drawn" in drawn.dataset)) charts.ask(Number(drawn.dataset["charts"]) * 1_000);
}

function mark(state: "connecting" | "live" | "lost"): void {
  const element = document.querySelector<HTMLElement>("[data-live-mark]");
  if (!element) return;
  element.hidden = false;
  element.dataset["state"] = state;
  element.textContent = marks[state];
}

// An EventSource reconnects by itself, but gives up for good at any answer that is not a stream: a server that is busy,
// a proxy whose server is starting. Then it is opened anew, later each time.
class Follower {
  private source: EventSource | undefined;
  private timer = 0;
  private period = kReopenPeriod;
  constructor(private readonly address: string) {}

  open(): void {
    this.close();
    mark("connecting");
    const source = (this.source = new EventSource(this.address));
    source.addEventListener("open", () => {
      this.period = kReopenPeriod;
      mark("live");
    });
    source.addEventListener("error", () => {
      mark("lost");
      if (source.readyState === EventSource.CLOSED) this.openLater();
    });
    source.addEventListener("update", (event) => apply(JSON.parse(event.data) as Update));
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private openLater(): void {
    this.close();
    this.timer = window.setTimeout(() => {
      renew(true); // which also finds out whether the session has ended
      this.open();
    }, this.period);
    this.period = Math.min(2 * this.period, kReopenPeriodMax);
  }
}

export function followEvents(): void {
  const address = document.body.dataset["live"];
  if (!address) return;
  const follower = new Follower(address);
  // A page that nobody looks at costs the server nothing; on its return it is brought up to date.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      follower.close();
    } else {
      follower.open();
      renew(true);
    }
  });
  if (!document.hidden) follower.open();
}
