// The span of time that all charts of a page show. Pure functions; times are milliseconds since 1970.

export interface Extent {
  from: number;
  to: number;
}

export interface View extends Extent {
  range: string; // by its name: "24h", "all"
  whole: boolean; // the range as it is, not a part that somebody zoomed to
  live: boolean; // moves on with new readings
}

const kHour = 3_600_000;
const kLengths: Record<string, number> = { h: kHour, d: 24 * kHour, y: 365 * 24 * kHour };
const kShortest = 10_000;
const kRoom = 1.1; // how far out one can zoom, of all there is
const kLiveEdge = 0.01; // a view that ends so near to now, of its length, moves on

// None for "all".
function lengthOf(range: string): number | undefined {
  const [, count, unit] = /^(\d+)([hdy])$/.exec(range) ?? [];
  const length = kLengths[unit ?? ""];
  return length && Number(count) * length;
}

export function wholeView(range: string, now: number, extent: Extent): View {
  const length = lengthOf(range);
  const span = length ? { from: now - length, to: now } : { from: extent.from, to: Math.max(extent.to, extent.from + kShortest) };
  return { range, ...span, whole: true, live: true };
}

// As time and readings go on.
export function follow(view: View, now: number, extent: Extent): View {
  if (!view.live) return view;
  if (view.whole) return wholeView(view.range, now, extent);
  return { ...view, from: now - (view.to - view.from), to: now };
}

// The nearest span to the one wanted that still shows something.
export function partView(range: string, wanted: Extent, now: number, extent: Extent): View {
  const whole = wholeView(range, now, extent);
  const all = { from: Math.min(extent.from, whole.from), to: Math.max(extent.to, now) };
  const length = Math.min(Math.max(wanted.to - wanted.from, kShortest), kRoom * (all.to - all.from));
  const middle = Math.min(Math.max((wanted.from + wanted.to) / 2, all.from), all.to);
  const to = Math.round(middle + length / 2);
  const live = Math.abs(to - now) <= kLiveEdge * length;
  return { range, from: Math.round(middle - length / 2), to, whole: false, live };
}

// Around the time `at`, which stays where it is.
export function scaled(span: Extent, factor: number, at: number): Extent {
  return { from: at - (at - span.from) * factor, to: at + (span.to - at) * factor };
}

export function moved(span: Extent, share: number): Extent {
  const by = (span.to - span.from) * share;
  return { from: span.from + by, to: span.to + by };
}

// The view as a page's query and back: "?range=24h", "?range=24h&from=…&to=…", and "?range=24h&from=-5400000" for the last 90 minutes.
export function writeView(view: View, parameters: URLSearchParams): void {
  parameters.set("range", view.range);
  parameters.delete("from");
  parameters.delete("to");
  if (view.whole) return;
  parameters.set("from", String(view.live ? view.from - view.to : view.from));
  if (!view.live) parameters.set("to", String(view.to));
}

export function readView(parameters: URLSearchParams, usual: string, now: number, extent: Extent): View {
  const range = parameters.get("range") ?? usual;
  const from = Number(parameters.get("from") ?? NaN);
  const to = Number(parameters.get("to") ?? NaN);
  if (from < 0) return partView(range, { from: now + from, to: now }, now, extent);
  if (from < to) return partView(range, { from, to }, now, extent);
  return wholeView(range, now, extent);
}

// The same hour of the day, so many days before: the day that clocks change is longer or shorter.
export function daysBefore(time: number, days: number): number {
  const date = new Date(time);
  date.setDate(date.getDate() - days);
  return date.getTime();
}
