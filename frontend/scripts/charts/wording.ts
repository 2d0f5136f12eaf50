// What a chart says in words: its figures, what is under the cursor, and what the canvas is called.
import { _ } from "../texts";
import { digitsOf, momentText, numberText } from "./formats";
import { kCompared } from "./loader";
import { nearest, shareOn, summary, type Table } from "./table";
import type { Extent } from "./view";

const kWholeFrom = 1e6; // from here on without digits after the point

export class Wording {
  private readonly digits: number | undefined; // that the owner wants

  constructor(private readonly title: string, private readonly unit: string, private readonly stepped: boolean, decimals?: string) {
    this.digits = decimals === undefined ? undefined : Number(decimals);
  }

  // Of all that is shown; none without readings. `step`: of the axis beside it.
  figures(table: Table, { from, to }: Extent, step: number): { short: string; label: string } | undefined {
    if (this.stepped) {
      const share = shareOn(table, from, Math.min(to, table.known));
      const words = share === undefined ? undefined : this.state(share);
      return words === undefined ? undefined : { short: words, label: `${this.title}: ${words}` };
    }
    const found = summary(table, from, to);
    if (!found) return undefined;
    const [min, mean, max] = [found.min, found.mean, found.max].map((value) => this.number(value, step)) as [string, string, string];
    const words = [`${_("lowest")} ${min}`, `${_("mean")} ${mean}`, `${_("highest")} ${max}`];
    const last = `${_("last")} ${this.number(found.last, step)}`;
    return { short: words.join(" · "), label: `${this.title}: ${[...words, last].join(", ")}` };
  }

  reading(tables: Table[], time: number, step: number): string {
    const [table, ...compared] = tables;
    if (!table) return "";
    const row = nearest(table, time, this.stepped);
    const at = row === undefined || this.stepped ? time : (table.time[row] ?? time);
    const parts = [momentText(at, table.width)];
    parts.push(row === undefined ? "—" : this.value(this.at(table, row, time), step) + this.spread(table, row, step));
    compared.forEach((other, i) => {
      const its = nearest(other, time, this.stepped);
      if (its !== undefined) parts.push(`${kCompared[i] === 1 ? _("yesterday") : _("last week")} ${this.value(this.at(other, its, time), step)}`);
    });
    return parts.join(" · ");
  }

  // A state is a share while its bucket lasts, and then what came last.
  private at(table: Table, row: number, time: number): number {
    const lasts = time < (table.time[row] ?? 0) + table.width;
    return (this.stepped && !lasts ? table.line[row] : table.mean[row]) ?? 0;
  }

  private spread(table: Table, row: number, step: number): string {
    const [low, high] = [table.low[row] ?? 0, table.high[row] ?? 0].map((value) => this.number(value, step));
    return this.stepped || low === high ? "" : ` (${low}–${high})`;
  }

  private value(value: number, step: number): string {
    return this.stepped ? this.state(value) : this.number(value, step) + (this.unit && ` ${this.unit}`);
  }

  // A share of the readings, where it is neither.
  private state(value: number): string {
    return value === 0 ? _("off") : value === 1 ? _("on") : _("on for %(share)s %", { share: numberText(value * 100, 0) });
  }

  private number(value: number, step: number): string {
    return numberText(value, this.digits ?? (Math.abs(value) >= kWholeFrom ? 0 : digitsOf(step) + 1));
  }
}
