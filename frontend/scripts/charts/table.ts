// What the server tells of one field for a span of time: buckets no finer than pixels, ready to be drawn.

export type Figure = number | null; // null: a gap, or a bucket without a number

// Columns of one length. A gap is a row of nulls.
export interface Table {
  from: number; // what was asked for
  to: number;
  width: number; // of a bucket, milliseconds
  usual: number; // distance of neighbours
  time: number[]; // where the bucket is drawn
  line: Figure[]; // the mean, or where it is stepped the last
  mean: Figure[];
  low: Figure[];
  high: Figure[];
  count: number[];
  start: number; // of the last bucket
  known: number; // readings up to here are in it
}

export interface Question {
  sensor: string;
  field: string;
  stepped: boolean;
  from: number;
  to: number;
  points: number;
  edge: number; // nothing is later than this: the last bucket has only begun
  shift: number; // is added to all times: what is compared stands below what is now
}

interface Answer {
  width: number;
  time: number[];
  mean: unknown[];
  last?: unknown[];
  min: unknown[];
  max: unknown[];
  count: number[];
}

const kGapFactor = 3; // as the server's own drawings have it
const kPointsMax = 20_000; // of the server
const kStateLooked = 366 * 86_400_000; // back for the state that a span begins with

const figure = (value: unknown): Figure => (value === null || value === undefined ? null : Number(value));

function median(sorted: number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function usualDistance(times: number[], width: number): number {
  const distances = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return Math.max(width, median(distances.sort((a, b) => a - b)));
}

export function emptyTable(from: number, to: number): Table {
  return { from, to, width: 1, usual: 1, time: [], line: [], mean: [], low: [], high: [], count: [], start: -Infinity, known: -Infinity };
}

function push(table: Table, time: number, line: Figure, mean: Figure, low: Figure, high: Figure, count: number): void {
  table.time.push(time);
  table.line.push(line);
  table.mean.push(mean);
  table.low.push(low);
  table.high.push(high);
  table.count.push(count);
}

// Nothing came for so long that the line must not go through.
function breakBefore(table: Table, start: number, stepped: boolean): void {
  if (stepped || start - table.start <= kGapFactor * table.usual || table.time.length === 0) return;
  const last = table.time.at(-1) ?? start;
  push(table, (last + start) / 2, null, null, null, null, 0);
}

function tableOf(answer: Answer, question: Question, before: Figure): Table {
  const { stepped, shift } = question;
  const table = emptyTable(question.from + shift, question.to + shift);
  table.width = answer.width;
  table.usual = usualDistance(answer.time, answer.width);
  table.known = question.edge;
  const line = (stepped ? answer.last : undefined) ?? answer.mean;
  if (before !== null) push(table, table.from, before, before, before, before, 0);
  answer.time.forEach((time, i) => {
    const start = time + shift;
    breakBefore(table, start, stepped);
    table.start = start;
    const at = stepped ? start : Math.min(start + answer.width / 2, Math.max(start, question.edge + shift));
    push(table, at, figure(line[i]), figure(answer.mean[i]), figure(answer.min[i]), figure(answer.max[i]), answer.count[i] ?? 0);
  });
  return table;
}

// Throws what fetch throws, and when the server refuses; a session that ended leads to the sign-in.
async function ask(question: Question, from: number, to: number, points: number, fn: string, signal: AbortSignal): Promise<Answer> {
  const { sensor, field } = question;
  const parameters = new URLSearchParams({ sensor, field, from: String(from), to: String(to), points: String(points), fn });
  const answer = await fetch(`/api/v1/query?${parameters}`, { signal });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`query: ${answer.status}`);
  return (await answer.json()) as Answer;
}

// A state that began before the span holds in it.
async function stateBefore(question: Question, signal: AbortSignal): Promise<Figure> {
  if (!question.stepped) return null;
  const { last } = await ask(question, question.from - kStateLooked, question.from, 1, "last", signal);
  return figure(last?.at(-1));
}

export async function fetchTable(question: Question, signal: AbortSignal): Promise<Table> {
  const { from, to, points, stepped } = question;
  const fn = `${stepped ? "last," : ""}mean,min,max,count`;
  const [answer, state] = await Promise.all([
    ask(question, from, to, Math.min(points, kPointsMax), fn, signal),
    stateBefore(question, signal),
  ]);
  return tableOf(answer, question, state);
}

// Adds the newest reading; false when it is in the table already.
export function append(table: Table, time: number, value: number, stepped: boolean): boolean {
  if (time <= table.known || time < table.start) return false;
  table.known = time;
  const last = table.time.length - 1;
  if (last >= 0 && time < table.start + table.width) {
    const count = table.count[last] ?? 0;
    table.time[last] = stepped ? table.start : Math.min(table.start + table.width / 2, time);
    table.mean[last] = ((table.mean[last] ?? value) * count + value) / (count + 1);
    table.line[last] = stepped ? value : table.mean[last];
    table.low[last] = Math.min(table.low[last] ?? value, value);
    table.high[last] = Math.max(table.high[last] ?? value, value);
    table.count[last] = count + 1;
    return true;
  }
  const start = last < 0 ? time : table.start + Math.floor((time - table.start) / table.width) * table.width;
  breakBefore(table, start, stepped);
  table.start = start;
  push(table, time, value, value, value, value, 1);
  return true;
}

// The row nearest to a time that has a figure, no farther than a gap is wide.
export function nearest(table: Table, time: number, stepped: boolean): number | undefined {
  const { time: times, line } = table;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  if (stepped) return low > 0 ? low - 1 : undefined; // a state holds until the next
  const rows = [low - 1, low].filter((row) => row >= 0 && row < times.length && line[row] !== null);
  const distance = (row: number) => Math.abs((times[row] ?? 0) - time);
  const [best] = rows.sort((a, b) => distance(a) - distance(b));
  return best !== undefined && distance(best) <= kGapFactor * table.usual ? best : undefined;
}

export interface Summary {
  min: number;
  mean: number;
  max: number;
  last: number;
}

// How much of a span a state was on, from 0 to 1; none where it is not known. Within a bucket it is the share of its readings.
export function shareOn(table: Table, from: number, to: number): number | undefined {
  let known = 0;
  let on = 0;
  const add = (state: Figure, begin: number, end: number) => {
    const length = Math.min(end, to) - Math.max(begin, from);
    if (length <= 0 || state === null) return;
    known += length;
    on += state * length;
  };
  table.time.forEach((time, row) => {
    const next = table.time[row + 1] ?? to;
    const settled = Math.min(time + table.width, next);
    add(table.mean[row] ?? null, time, settled);
    add(table.line[row] ?? null, settled, next);
  });
  return known === 0 ? undefined : on / known;
}

// Of the rows within a span; none if there is no figure.
export function summary(table: Table, from: number, to: number): Summary | undefined {
  const found = { min: Infinity, mean: 0, max: -Infinity, last: 0 };
  let weight = 0;
  for (let row = 0; row < table.time.length; ++row) {
    const time = table.time[row] ?? 0;
    const line = table.line[row] ?? null;
    if (time < from || time > to || line === null) continue;
    const count = table.count[row] ?? 0;
    found.min = Math.min(found.min, table.low[row] ?? line);
    found.max = Math.max(found.max, table.high[row] ?? line);
    found.mean += line * count;
    found.last = line;
    weight += count;
  }
  return weight === 0 ? undefined : { ...found, mean: found.mean / weight };
}
