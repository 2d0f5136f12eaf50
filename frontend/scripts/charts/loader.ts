// Asks the server for the tables of one field: one question at a time, and none that the answers there already cover.
import { emptyTable, fetchTable, type Table } from "./table";
import { daysBefore, type Extent } from "./view";

export interface Need {
  sensor: string;
  field: string;
  stepped: boolean;
  span: Extent;
  width: number; // CSS pixels
  compared: number[]; // days back
  edge: number; // where now is
}

export const kCompared = [1, 7]; // days back that can be compared with, in the order of the plot's rows
const kMargin = 1 / 8; // of the span, on each side: a small pan needs no answer
const kMarginWanted = 10 * 60_000; // and lines of readings that come each few minutes reach the edge of a short span
const kMarginMax = 4; // of the span
const kCoarse = 1.5; // buckets so much too wide are asked for anew

// With its margins, in as many buckets as that has pixels.
function wanted({ span, width }: Need): Extent & { points: number } {
  const length = span.to - span.from;
  const margin = Math.max(length * kMargin, Math.min(kMarginWanted, length * kMarginMax));
  return { from: span.from - margin, to: span.to + margin, points: Math.max(Math.ceil(width * (1 + (2 * margin) / length)), 1) };
}

function fetchAll(need: Need, signal: AbortSignal): Promise<Table[]> {
  const { sensor, field, stepped, edge, span } = need;
  const { from, to, points } = wanted(need);
  const ask = (shift: number) =>
    fetchTable({ sensor, field, stepped, edge, shift, points, from: Math.floor(from - shift), to: Math.ceil(to - shift) }, signal);
  const compared = kCompared.map((days) =>
    need.compared.includes(days) ? ask(Math.round(span.to - daysBefore(span.to, days))) : Promise.resolve(emptyTable(span.from, span.to)));
  return Promise.all([ask(0), ...compared]);
}

export class Loader {
  tables: Table[] = []; // the field's, then those of kCompared, empty where not asked for; none before the first answer
  private comparedIn = "";
  private step = Infinity; // milliseconds per bucket that were asked for
  private request: AbortController | undefined;
  private again = false;
  private stale = false;

  // `need`: what is wanted now. `arrived`: the tables are new.
  constructor(private readonly need: () => Need, private readonly arrived: () => void) {}

  // `anew`: an answer under way is for something that nobody looks at any more.
  want(anew = false): void {
    if (anew) this.stop();
    if (this.suffices()) return;
    if (this.request) this.again = true;
    else void this.load();
  }

  // What is there may be out of date.
  renew(): void {
    this.stale = true;
    this.want();
  }

  stop(): void {
    this.request?.abort();
    this.request = undefined;
  }

  private suffices(): boolean {
    const [table] = this.tables;
    const need = this.need();
    const { from, to } = need.span;
    if (!table || this.stale || this.comparedIn !== need.compared.join()) return false;
    return table.from <= from && table.to >= to && this.step <= (kCoarse * (to - from)) / need.width;
  }

  private async load(): Promise<void> {
    const request = (this.request = new AbortController());
    const need = this.need();
    this.again = this.stale = false;
    const tables = await fetchAll(need, request.signal).catch(() => undefined);
    if (this.request !== request) return; // stopped
    this.request = undefined;
    if (!tables) {
      this.stale = true; // the next reading, or the next move, tries again
      return;
    }
    this.tables = tables;
    this.comparedIn = need.compared.join();
    const { from, to, points } = wanted(need);
    this.step = (to - from) / points;
    this.arrived();
    if (this.again || this.stale) this.want();
  }
}
