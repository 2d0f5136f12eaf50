// Parts of the page that the server draws: fetched as HTML, the same that a reload would show, and not too often.
import { applySearch } from "./search";
import { ngettext } from "./texts";

// Runs `action` no sooner than a period after it ran last; the shortest period asked for since then counts.
export class Throttle {
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

// A part of this page by name, or all of it; none when the server cannot give it now.
async function fetchPart(name?: string): Promise<DocumentFragment | undefined> {
  const address = new URL(location.href);
  if (name) address.searchParams.set("fragment", name);
  const answer = await fetch(address).catch(() => undefined);
  // The session has ended, and what came is the page to sign in at: go there, and come back.
  if (answer?.redirected || answer?.status === 401) location.reload();
  if (!answer?.ok || answer.redirected) return undefined;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content;
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

// Of a card, or of the name of a group.
function identity(element: Element): string {
  const { sensor, group } = (element as HTMLElement).dataset;
  return JSON.stringify([sensor, group]);
}

// The overview: cards stay where they are (and keep the focus), new ones come where the server has them.
export async function renewGrid(): Promise<void> {
  const grid = document.querySelector("[data-grid]");
  if (!grid) return; // a page that shows no sensors
  const fresh = await fetchPart("grid");
  if (!fresh) return;
  const cards = new Map([...grid.children].map((card) => [identity(card), card]));
  const wanted = ([...fresh.children] as HTMLElement[]).map((card) => {
    const old = cards.get(identity(card));
    return old && renewCard(old, card) ? old : card;
  });
  wanted.forEach((card, i) => {
    if (grid.children[i] !== card) grid.insertBefore(card, grid.children[i] ?? null);
  });
  while (grid.children.length > wanted.length) grid.lastElementChild?.remove();
  const count = document.querySelector("[data-count]");
  const sensors = grid.querySelectorAll(":scope > [data-sensor]").length;
  if (count) count.textContent = ngettext("%(num)s sensor", "%(num)s sensors", sensors);
  applySearch();
}

// A page of one's own: all that it shows.
export async function renewOwnPage(): Promise<void> {
  const fresh = await fetchPart();
  const content = fresh?.querySelector("#content")?.childNodes;
  if (content) document.querySelector("#content")?.replaceChildren(...content);
}

// A sensor's page.
export async function renewCharts(): Promise<void> {
  const charts = document.querySelector("[data-charts]");
  const fresh = charts && (await fetchPart("charts"));
  if (fresh) charts.replaceChildren(fresh);
}

// Its table of latest values, and its charts, when a field has come. A chart that a script has drawn stays.
export async function renewFields(): Promise<void> {
  const fresh = await fetchPart();
  const table = fresh?.querySelector("[data-sensor]")?.childNodes;
  if (table) document.querySelector("[data-sensor]")?.replaceChildren(...table);
  const charts = document.querySelector<HTMLElement>("[data-charts]");
  const wanted = [...(fresh?.querySelector("[data-charts]")?.children ?? [])] as HTMLElement[];
  if (!charts || !fresh) return;
  const drawn = "drawn" in charts.dataset ? ([...charts.children] as HTMLElement[]) : [];
  const name = (figure: HTMLElement) => figure.dataset["chart"];
  if (wanted.length === 0 || wanted.map(name).join() !== drawn.map(name).join()) {
    charts.replaceChildren(...wanted.map((figure) => drawn.find((old) => name(old) === name(figure)) ?? figure));
  }
  charts.dispatchEvent(new Event("renewed"));
}
