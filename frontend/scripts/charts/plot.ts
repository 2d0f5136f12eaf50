// One chart as uPlot draws it: the band from the lowest to the highest, the line of means, what it is compared with, and
// the nights behind. Colours are read at each drawing.
import uPlot from "uplot";
import { _ } from "../texts";
import { axisNumber, tickText } from "./formats";
import type { Palette } from "./palette";

export interface PlotSettings {
  stepped: boolean; // booleans: on and off
  palette: () => Palette;
  moved: () => void; // the cursor
  drawn: () => void;
}

// The rows of uPlot's data are times, highest, lowest, line, and then what the line is compared with.
const kLine = 3;
const kComparedDashes = [[6, 4], [2, 4]];

const kValueSteps = 4; // as the server's own drawings have it
const kTickSpace = 76; // px between labels of times
const kDigitWidth = 6.7; // px of a digit in an axis
const kDotFrom = 12; // px between readings from which on each is a dot
const kDay = 86_400_000;
const kNightsMax = 32 * kDay; // in a longer view nights are stripes
const kDusk = 18;
const kDawn = 6;

function niceStep(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  return power * ([1, 2, 5].find((factor) => length <= factor * power * (1 + 1e-9)) ?? 10);
}

// The scale of values, out to the next tick: grid lines frame the picture.
export class ValueScale {
  step = 1;
  constructor(private readonly stepped: boolean) {}

  range(low: number | null, high: number | null): [number, number] {
    if (this.stepped) return [-0.1, 1.1];
    if (low === null || high === null) return this.rounded(0, 1);
    if (high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-12) return this.rounded(low, high);
    const room = low === 0 ? 1 : Math.abs(low) * 0.05; // a constant needs a height, too
    return this.rounded(low - room, high + room);
  }

  ticks(low: number, high: number): number[] {
    if (this.stepped) return [0, 1];
    const count = Math.round((high - low) / this.step);
    return Array.from({ length: count + 1 }, (_, i) => Math.round(low / this.step + i) * this.step);
  }

  private rounded(low: number, high: number): [number, number] {
    this.step = niceStep(high / kValueSteps - low / kValueSteps);
    return [Math.floor(low / this.step + 1e-9) * this.step, Math.ceil(high / this.step - 1e-9) * this.step];
  }
}

// Night is from 18 to 6 h by the viewer's clock: where a sensor stands, and so its sunset, nobody has told.
function shadeNights(plot: uPlot, color: string): void {
  const { min, max } = plot.scales["x"] ?? {};
  if (min === undefined || max === undefined || max - min > kNightsMax) return;
  const { left, top, width, height } = plot.bbox;
  const dusk = new Date(min);
  dusk.setHours(kDusk - 24, 0, 0, 0);
  plot.ctx.save(); // uPlot remembers what it set
  plot.ctx.fillStyle = color;
  while (dusk.getTime() < max) {
    const dawn = new Date(dusk);
    dawn.setHours(24 + kDawn);
    const from = Math.max(plot.valToPos(dusk.getTime(), "x", true), left);
    const to = Math.min(plot.valToPos(dawn.getTime(), "x", true), left + width);
    if (to > from) plot.ctx.fillRect(from, top, to - from, height);
    dusk.setDate(dusk.getDate() + 1);
    dusk.setHours(kDusk);
  }
  plot.ctx.restore();
}

// Readings that stand alone, or far apart, are dots: a line between two is what nobody measured.
function dots(plot: uPlot, series: number): number[] | null {
  const [first, last] = plot.series[series]?.idxs ?? [0, -1];
  const values = plot.data[series] as (number | null | undefined)[];
  const rows: number[] = [];
  for (let row = first; row <= last; ++row) if (values[row] !== undefined) rows.push(row);
  const numbers = rows.filter((row) => values[row] !== null);
  const width = plot.bbox.width / uPlot.pxRatio;
  if (numbers.length * kDotFrom <= width) return numbers;
  const blank = (row: number | undefined) => row === undefined || values[row] === null;
  return rows.filter((row, i) => !blank(row) && blank(rows[i - 1]) && blank(rows[i + 1]));
}

function lineSeries(settings: PlotSettings, dash?: number[]): uPlot.Series {
  const color = () => (dash ? settings.palette().soft : settings.palette().accent);
  return {
    stroke: color,
    width: 1.5,
    ...(dash && { dash }),
    ...(settings.stepped && { paths: uPlot.paths.stepped!({ align: 1 }) }),
    points: dash || settings.stepped ? { show: false } : { show: true, filter: dots, size: 5, width: 0, fill: color },
  };
}

function edgeSeries(settings: PlotSettings): uPlot.Series {
  return {
    width: 1,
    stroke: () => settings.palette().edge, // or a spike among many readings would be a hair without colour
    points: { show: false },
    ...(settings.stepped && { paths: uPlot.paths.stepped!({ align: 1 }) }),
  };
}

function cursorColor(settings: PlotSettings, series: number): string {
  const { accent, soft } = settings.palette();
  return series < kLine || settings.stepped ? "transparent" : series === kLine ? accent : soft;
}

function axes(settings: PlotSettings, scale: ValueScale): uPlot.Axis[] {
  const { font } = settings.palette();
  const shared = { font, stroke: () => settings.palette().soft, ticks: { show: false } };
  const label = (value: number) =>
    settings.stepped ? (value === 0 ? _("off") : _("on")) : axisNumber(value, scale.step);
  return [
    {
      ...shared,
      space: kTickSpace,
      size: 24,
      gap: 8,
      grid: { show: false },
      values: (_plot, times, _axis, _space, step) => times.map((time) => tickText(time, step)),
    },
    {
      ...shared,
      gap: 8,
      grid: { width: 1, stroke: () => settings.palette().line },
      splits: (_plot, _axis, low, high) => scale.ticks(low, high),
      values: (_plot, values) => values.map(label),
      size: (_plot, labels) => Math.max(40, 12 + kDigitWidth * Math.max(0, ...(labels ?? []).map((text) => text.length))),
    },
  ];
}

export function makePlot(host: HTMLElement, scale: ValueScale, settings: PlotSettings, data: uPlot.AlignedData): uPlot {
  const options: uPlot.Options = {
    width: host.clientWidth,
    height: host.clientHeight,
    ms: 1,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      sync: { key: "page" },
      points: { size: 7, width: 0, fill: (_plot, series) => cursorColor(settings, series) },
      bind: { dblclick: () => null }, // gestures.ts has its own
    },
    scales: { x: { time: true, auto: false, range: (_plot, from, to) => [from, to] }, y: { range: (_plot, low, high) => scale.range(low, high) } },
    axes: axes(settings, scale),
    series: [
      {},
      edgeSeries(settings),
      edgeSeries(settings),
      lineSeries(settings),
      ...kComparedDashes.map((dash) => lineSeries(settings, dash)),
    ],
    bands: [{ series: [1, 2], fill: () => settings.palette().band }],
    hooks: {
      drawClear: [(plot) => shadeNights(plot, settings.palette().night)],
      draw: [settings.drawn],
      setCursor: [settings.moved],
    },
  };
  return new uPlot(options, data, host);
}
