// The charts of a sensor's page: one view for all of them, which ranges, gestures, keys and the browser's way back change.
// It stands in the address, so that a reload and a link show the same.
import type uPlot from "uplot";
import type { Update } from "../live";
import { Throttle } from "../renew";
import { Figure, type Surroundings } from "./figure";
import { spanText } from "./formats";
import { listen } from "./gestures";
import { listenToKeys } from "./keys";
import { kCompared } from "./loader";
import { Marking } from "./marking";
import { onPaletteChange, readPalette } from "./palette";
import { follow, moved, partView, readView, scaled, wholeView, writeView, type Extent, type View } from "./view";

const kSettled = 300; // ms without a move: the gesture is over
const kRenewMin = 5_000; // how often what /events has told is asked for exactly
const kRenewMax = 60_000;
const kZoom = 1.5;
const kPan = 0.25;

class ChartPage implements Surroundings {
  readonly sensor: string;
  private readonly usual: string; // range
  private readonly extent: Extent;
  private readonly figures = new Map<HTMLElement, Figure>();
  private readonly marking: Marking;
  private readonly renewal = new Throttle(async () => this.renew());
  private palettes = readPalette();
  private view: View;
  private days: number[] = [];
  private settling = 0;

  constructor(private readonly place: HTMLElement, private readonly now: () => number) {
    this.sensor = place.dataset["chartSensor"] ?? "";
    this.usual = place.dataset["chartRange"] ?? "24h";
    this.extent = { from: Number(place.dataset["chartFrom"]), to: Number(place.dataset["chartTo"]) };
    this.marking = new Marking(this.sensor, document.querySelector("[data-chart-select]"), () => this.renew());
    this.view = this.read();
    this.collect();
    this.listen();
    this.apply();
  }

  // What figures know of their page.
  span = (): Extent => this.view;
  edge = () => (this.view.live ? this.view.to : this.now());
  compared = () => this.days;
  palette = () => this.palettes;

  attach(figure: Figure, plot: uPlot): void {
    const shared = {
      span: this.span,
      show: (span: Extent) => this.glide(span),
      isMarking: () => this.marking.active,
    };
    listen(plot, figure.host, {
      ...shared,
      zoom: (span) => this.go(this.part(span)),
      back: () => this.back(),
      mark: (from, to, done) => this.marking.set(figure, from, to, done),
      point: (time) => this.marking.point(figure, time),
    });
    const share = (of: number) => of * (this.view.to - this.view.from);
    const cursor = () => figure.cursorTime ?? (this.view.from + this.view.to) / 2;
    listenToKeys(figure.host, {
      ...shared,
      reset: () => this.reset(),
      extend: (by) => this.marking.extend(figure, share(by), cursor(), this.view),
      moveCursor: (by) => figure.moveCursorTo(cursor() + share(by)),
      propose: () => void this.marking.propose(),
      cancel: () => this.marking.cancel(),
    });
  }

  // The figures that are on the page now.
  private collect(): void {
    const present = new Set(this.place.querySelectorAll<HTMLElement>("[data-chart]"));
    for (const [element, figure] of this.figures) {
      if (present.has(element)) continue;
      if (this.marking.isOn(figure)) this.marking.cancel();
      figure.destroy();
      this.figures.delete(element);
    }
    for (const element of present) {
      if (!this.figures.has(element)) this.figures.set(element, new Figure(element, this));
    }
    this.place.dataset["drawn"] = "";
  }

  private listen(): void {
    addEventListener("popstate", () => {
      this.view = this.read();
      this.apply(true);
    });
    document.addEventListener("readings", (event) => this.append((event as CustomEvent<Update>).detail));
    this.place.addEventListener("renewed", () => {
      this.collect();
      this.renew();
    });
    onPaletteChange(() => {
      this.palettes = readPalette();
      for (const figure of this.figures.values()) figure.redraw();
    });
    document.querySelector("[data-ranges]")?.addEventListener("click", (event) => this.choose(event as MouseEvent));
    const tools = document.querySelector<HTMLElement>("[data-chart-tools]");
    if (!tools) return;
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("button");
      if (button?.dataset["compare"]) this.toggle(Number(button.dataset["compare"]));
      if (button?.dataset["view"]) this.step(button.dataset["view"]);
    });
  }

  private read(): View {
    const parameters = new URLSearchParams(location.search);
    const days = (parameters.get("compare") ?? "").split(",").map(Number);
    this.days = kCompared.filter((each) => days.includes(each));
    return readView(parameters, this.usual, this.now(), this.extent);
  }

  private address(): string {
    const address = new URL(location.href);
    writeView(this.view, address.searchParams);
    if (this.days.length > 0) address.searchParams.set("compare", this.days.join());
    else address.searchParams.delete("compare");
    return address.href.replaceAll("%2C", ",");
  }

  private part = (span: Extent) => partView(this.view.range, span, this.now(), this.extent);

  // Every step can be gone back by the browser; `depth` says how many there are on this page.
  private push(): void {
    const depth = Number((history.state as { depth?: number } | null)?.depth ?? 0);
    history.pushState({ depth: depth + 1 }, "", this.address());
  }

  private go(view: View): void {
    this.view = view;
    this.push();
    this.apply(true);
  }

  // One step in all, however many moves a gesture has.
  private glide(span: Extent): void {
    this.view = this.part(span);
    if (this.settling === 0) this.push();
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => {
      this.settling = 0;
      history.replaceState(history.state, "", this.address());
      this.tellSpan();
    }, kSettled);
    this.apply();
  }

  private back(): void {
    if (Number((history.state as { depth?: number } | null)?.depth ?? 0) > 0) history.back();
    else this.reset();
  }

  private reset(): void {
    if (!this.view.whole) this.go(wholeView(this.view.range, this.now(), this.extent));
  }

  private step(name: string): void {
    const { from, to } = this.view;
    const zoom = (factor: number) => this.go(this.part(scaled(this.view, factor, this.view.live ? to : (from + to) / 2)));
    if (name === "in") zoom(1 / kZoom);
    if (name === "out") zoom(kZoom);
    if (name === "earlier") this.go(this.part(moved(this.view, -kPan)));
    if (name === "later") this.go(this.part(moved(this.view, kPan)));
    if (name === "whole") this.reset();
  }

  private choose(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const range = new URL(link.href).searchParams.get("range") ?? this.usual;
    this.go(wholeView(range, this.now(), this.extent));
  }

  private toggle(days: number): void {
    this.days = kCompared.filter((each) => (each === days) !== this.days.includes(each));
    history.replaceState(history.state, "", this.address());
    this.apply();
  }

  // `anew`: to somewhere else, not on from here.
  private apply(anew = false): void {
    for (const figure of this.figures.values()) figure.show(anew);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-ranges] a[href]")) {
      const current = new URL(link.href).searchParams.get("range") === this.view.range;
      if (current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const button of document.querySelectorAll<HTMLElement>("[data-compare]")) {
      button.setAttribute("aria-pressed", String(this.days.includes(Number(button.dataset["compare"]))));
    }
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-view=whole]")) button.disabled = this.view.whole;
    this.tellSpan();
  }

  private tellSpan(): void {
    const place = document.querySelector("[data-chart-span]");
    if (place) place.textContent = spanText(this.view.from, this.view.to);
  }

  private append(update: Update): void {
    const told = update.sensors.find(({ sensor }) => sensor === this.sensor);
    if (!told) return;
    const newest = Math.max(...Object.values(told.fields).map(({ time }) => time));
    this.extent.to = Math.max(this.extent.to, newest);
    if (!this.view.live) return;
    this.view = follow(this.view, this.now(), this.extent);
    for (const figure of this.figures.values()) {
      const field = told.fields[figure.field];
      if (field) figure.add(field.time, Number(field.value));
      figure.show();
    }
    this.tellSpan();
    const width = Math.max(...[...this.figures.values()].map((figure) => figure.bucketWidth));
    this.renewal.ask(Math.min(Math.max(width, kRenewMin), kRenewMax));
  }

  private renew(): void {
    this.view = follow(this.view, this.now(), this.extent);
    for (const figure of this.figures.values()) {
      figure.show();
      figure.renew();
    }
  }
}

// `place` holds the figures; `now` is the server's clock.
export function drawCharts(place: HTMLElement, now: () => number): void {
  new ChartPage(place, now);
}
