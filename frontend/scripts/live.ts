// Follows /events and puts each new value where it stands on the page. What cannot be told from an event alone (a new
// sensor's card, sparks and charts) comes as HTML from the server, the same that a reload would show, and not too often.
import { setTime } from "./ages";
import { applySearch } from "./search";
import { texts } from "./texts";

interface FieldUpdate {
  time: number; // milliseconds since 1970
  value: number | string | boolean;
  text: string; // as the page shows it
}
interface Update {
  sensors: { sensor: string; fields: Record<string, FieldUpdate> }[];
}

const kGridPeriod = 60_000; // sparks show a day: a minute is less than a pixel
const kNewCardPeriod = 1_000;
const kChartsPeriod = 5_000;

// Runs `action` no sooner than a period after it ran last; the shortest period asked for since then counts.
class Throttle {
  private last = Date.now(); // the page came up to date
  private due = Infinity;
  private timer = 0;
  constructor(private readonly action: () => Promise<void>) {}
  ask(period: number): void {
    const due = Math.max(Date.now(), this.last + period);
    if (due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = window.setTimeout(() => {
      this.due = Infinity;
      this.last = Date.now();
      void this.action();
    }, due - Date.now());
  }
}

async function fragment(name: string): Promise<DocumentFragment | undefined> {
  const address = new URL(location.href);
  address.searchParams.set("fragment", name);
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content;
}

const attribute = (name: string, value: string) => `[${name}="${CSS.escape(value)}"]`;

function show(container: Element, name: string, field: FieldUpdate): boolean {
  const row = container.querySelector(`:scope ${attribute("data-field", name)}`);
  const value = row?.querySelector<HTMLElement>(".value");
  if (!row || !value) return false;
  const time = row.querySelector("time") ?? container.querySelector("time");
  if (time && field.time < Date.parse(time.dateTime) && row.contains(time)) return true; // late, not latest
  if (value.textContent !== field.text) {
    value.textContent = field.text;
    value.classList.remove("fresh");
    void value.offsetWidth; // starts the animation anew
    value.classList.add("fresh");
  }
  if (time && !(field.time < Date.parse(time.dateTime))) setTime(time, field.time);
  return true;
}

const fieldNames = (card: Element) => [...card.querySelectorAll<HTMLElement>("[data-field]")].map((row) => row.dataset["field"]).join();

// Takes the sparks of the same card over; false if its fields are other ones by now.
function renewCard(old: Element, fresh: Element): boolean {
  if (fieldNames(old) !== fieldNames(fresh)) return false;
  const paths = fresh.querySelectorAll(".spark path");
  const places = old.querySelectorAll(".spark path");
  if (paths.length !== places.length) return false;
  paths.forEach((path, i) => places[i]?.setAttribute("d", path.getAttribute("d") ?? ""));
  return true;
}

// The overview: cards stay where they are (and keep the focus), new ones come where the server has them.
async function renewGrid(): Promise<void> {
  const grid = document.querySelector("[data-grid]");
  if (!grid) return location.reload(); // the page was waiting for its first reading
  const fresh = await fragment("grid");
  if (!fresh) return;
  const cards = new Map([...grid.children].map((card) => [(card as HTMLElement).dataset["sensor"], card]));
  const wanted = ([...fresh.children] as HTMLElement[]).map((card) => {
    const old = cards.get(card.dataset["sensor"]);
    return old && renewCard(old, card) ? old : card;
  });
  wanted.forEach((card, i) => {
    if (grid.children[i] !== card) grid.insertBefore(card, grid.children[i] ?? null);
  });
  while (grid.children.length > wanted.length) grid.lastElementChild?.remove();
  const count = document.querySelector("[data-count]");
  if (count) count.textContent = String(wanted.length);
  applySearch();
}

async function renewCharts(): Promise<void> {
  const charts = document.querySelector("[data-charts]");
  const fresh = charts && (await fragment("charts"));
  if (fresh) charts.replaceChildren(fresh);
}

const grid = new Throttle(renewGrid);
const charts = new Throttle(renewCharts);

function apply(update: Update): void {
  let unknown = false;
  for (const { sensor, fields } of update.sensors) {
    const container = document.querySelector(attribute("data-sensor", sensor));
    for (const [name, field] of Object.entries(fields)) {
      unknown = !(container && show(container, name, field)) || unknown;
    }
  }
  if (document.querySelector("[data-charts]")) {
    charts.ask(kChartsPeriod);
  } else {
    grid.ask(unknown ? kNewCardPeriod : kGridPeriod);
  }
}

function mark(state: "connecting" | "live" | "lost"): void {
  const element = document.querySelector<HTMLElement>("[data-live-mark]");
  if (!element) return;
  element.hidden = false;
  element.dataset["state"] = state;
  element.textContent = texts[state];
}

export function followEvents(): void {
  const address = document.body.dataset["live"];
  if (!address) return;
  let source: EventSource | undefined;
  const open = () => {
    mark("connecting");
    source = new EventSource(address);
    source.addEventListener("open", () => mark("live"));
    source.addEventListener("error", () => mark("lost"));
    source.addEventListener("update", (event) => apply(JSON.parse(event.data) as Update));
  };
  // A page that nobody looks at costs the server nothing; on its return it is brought up to date.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = undefined;
    } else if (!source) {
      open();
      if (document.querySelector("[data-charts]")) charts.ask(0);
      else grid.ask(0);
    }
  });
  if (!document.hidden) open();
}
