// One field's chart on the page: the canvas in the place of the server's drawing, its words, and its link to CSV.
import uPlot from "uplot";
import { _ } from "../texts";
import { Loader } from "./loader";
import { ValueScale, makePlot } from "./plot";
import { append, type Table } from "./table";
import { Wording } from "./wording";
import type { Palette } from "./palette";
import type { Extent } from "./view";

// What a figure knows of its page.
export interface Surroundings {
  sensor: string;
  span(): Extent;
  compared(): number[]; // days back
  edge(): number; // where now is, as far as the page has gone on
  palette(): Palette;
  attach(figure: Figure, plot: uPlot): void; // a plot stands, and can be listened to
}

const kGapsStay = 2; // uPlot: a gap of one column reaches over the rows that only others have

export class Figure {
  readonly field: string;
  readonly host = document.createElement("div"); // takes the focus
  private readonly title: string;
  private readonly stepped: boolean;
  private readonly drawing: HTMLElement | null; // by the server
  private readonly figures: HTMLElement | null;
  private readonly nothing = document.createElement("p");
  private readonly marked = document.createElement("div");
  private readonly scale: ValueScale;
  private readonly wording: Wording;
  private readonly loader: Loader;
  private readonly resized = new ResizeObserver(() => this.fit());
  private readonly seen = new IntersectionObserver((all) => this.see(all.at(-1)?.isIntersecting ?? false), { rootMargin: "25%" });
  private plot: uPlot | undefined;
  private visible = false;
  private mark: Extent | undefined;

  constructor(readonly element: HTMLElement, private readonly around: Surroundings) {
    this.field = element.dataset["chart"] ?? "";
    this.stepped = element.hasAttribute("data-stepped");
    this.drawing = element.querySelector("[data-drawing]");
    this.figures = element.querySelector("[data-figures]");
    this.scale = new ValueScale(this.stepped);
    this.title = element.dataset["title"] ?? this.field;
    this.wording = new Wording(this.title, element.dataset["unit"] ?? "", this.stepped, element.dataset["decimals"]);
    this.loader = new Loader(() => this.need(), () => this.draw());
    this.host.className = this.stepped ? "plot plot-low" : "plot";
    this.host.tabIndex = 0;
    this.host.setAttribute("role", "group");
    this.host.setAttribute("aria-label", _("Chart of %(field)s", { field: this.title }));
    this.host.setAttribute("aria-describedby", "chart-keys");
    this.nothing.className = "plot-nothing";
    this.nothing.textContent = _("No readings in this range.");
    this.marked.className = "plot-mark";
    this.marked.hidden = true;
    this.seen.observe(element);
  }

  destroy(): void {
    this.seen.disconnect();
    this.resized.disconnect();
    this.loader.stop();
    this.plot?.destroy();
    this.plot = undefined;
  }

  // The view has changed: what is there moves at once, what is missing follows. `anew`: to somewhere else.
  show(anew = false): void {
    const { from, to } = this.around.span();
    this.plot?.setScale("x", { min: from, max: to });
    this.linkCsv();
    if (this.visible) this.loader.want(anew);
  }

  // Other readings may be stored than those that were asked for.
  renew(): void {
    if (this.visible) this.loader.renew();
    else this.loader.tables = [];
  }

  add(time: number, value: number): void {
    const [table] = this.loader.tables;
    if (table && this.visible && append(table, time, value, this.stepped)) this.draw();
  }

  redraw(): void {
    this.plot?.redraw(false, true);
  }

  setMark(mark: Extent | undefined): void {
    this.mark = mark;
    this.placeMark();
  }

  get cursorTime(): number | undefined {
    const left = this.plot?.cursor.left ?? -1;
    return left < 0 ? undefined : this.plot?.posToVal(left, "x");
  }

  moveCursorTo(time: number): void {
    const { from, to } = this.around.span();
    const inside = Math.min(Math.max(time, from), to);
    this.plot?.setCursor({ left: this.plot.valToPos(inside, "x"), top: this.host.clientHeight / 2 });
  }

  // The span of one bucket around a time at least: what a mark means to hold.
  get bucketWidth(): number {
    return this.loader.tables[0]?.width ?? 1;
  }

  private need() {
    const { sensor } = this.around;
    const { field, stepped } = this;
    const width = this.host.clientWidth || this.drawing?.clientWidth || this.element.clientWidth;
    return { sensor, field, stepped, width, span: this.around.span(), compared: this.around.compared(), edge: this.around.edge() };
  }

  private see(visible: boolean): void {
    this.visible = visible;
    if (visible) this.show();
  }

  private data(): uPlot.AlignedData {
    const [table, ...compared] = this.loader.tables as [Table, ...Table[]];
    const own: (number | null)[][] = [table.time, table.high, table.low, table.line];
    if (this.stepped && table.time.length > 0) {
      // A state holds until the next, and the last one until now.
      const until = Math.max(Math.min(this.around.edge(), this.around.span().to), table.time.at(-1) ?? 0);
      own.forEach((column, i) => (own[i] = [...column, i === 0 ? until : (column.at(-1) ?? null)]));
    }
    const columns = [own, ...compared.map(({ time, line }) => [time, line])] as uPlot.AlignedData[];
    return uPlot.join(columns, columns.map((each) => Array(each.length).fill(kGapsStay)));
  }

  private draw(): void {
    const { from, to } = this.around.span();
    const data = this.data();
    const plot = (this.plot ??= this.stand(data));
    plot.batch(() => {
      plot.setData(data, false);
      plot.setScale("x", { min: from, max: to });
    });
  }

  private stand(data: uPlot.AlignedData): uPlot {
    if (this.drawing) this.drawing.after(this.host);
    else this.element.append(this.host);
    if (this.drawing) this.drawing.hidden = true;
    const plot = makePlot(this.host, this.scale, {
      stepped: this.stepped,
      palette: () => this.around.palette(),
      moved: () => this.tell(),
      drawn: () => {
        this.placeMark();
        this.tell();
      },
    }, data);
    plot.over.append(this.marked, this.nothing);
    plot.ctx.canvas.setAttribute("role", "img");
    this.around.attach(this, plot);
    this.resized.observe(this.host);
    return plot;
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!this.plot || width === 0 || (this.plot.width === width && this.plot.height === height)) return;
    this.plot.setSize({ width, height });
    this.show();
  }

  private placeMark(): void {
    this.marked.hidden = !this.mark;
    if (!this.plot || !this.mark) return;
    const at = (time: number) => Math.min(Math.max(this.plot!.valToPos(time, "x"), 0), this.plot!.over.clientWidth);
    const left = at(this.mark.from);
    this.marked.style.left = `${left}px`;
    this.marked.style.width = `${Math.max(at(this.mark.to) - left, 2)}px`;
  }

  // Beside the title: the figures of the view, or what is under the cursor.
  private tell(): void {
    const [table] = this.loader.tables;
    if (!table || !this.plot) return;
    const found = this.wording.figures(table, this.around.span(), this.scale.step);
    const time = this.cursorTime;
    this.nothing.hidden = found !== undefined;
    this.plot.ctx.canvas.setAttribute("aria-label", found?.label ?? `${this.title}: ${_("No readings in this range.")}`);
    if (!this.figures) return;
    this.figures.textContent =
      time === undefined ? (found?.short ?? "") : this.wording.reading(this.loader.tables, time, this.scale.step);
  }

  private linkCsv(): void {
    const link = this.element.querySelector<HTMLAnchorElement>("a[data-csv]");
    if (!link) return;
    const { from, to } = this.around.span();
    const address = new URL(link.href);
    address.searchParams.set("from", String(Math.floor(from)));
    address.searchParams.set("to", String(Math.ceil(to)));
    link.href = address.href;
  }
}
