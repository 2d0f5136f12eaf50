// Numbers and times as the page's language has them, in the viewer's time zone.

const language = document.documentElement.lang || undefined;
const kMinute = 60_000;
const kDay = 1_440 * kMinute;
const kWideFrom = 100_000; // "120K" beside an axis
const kFineBelow = 1e-6;

const cached = <Key, Made>(make: (key: Key) => Made) => {
  const made = new Map<Key, Made>();
  return (key: Key): Made => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
};

const decimalFormat = cached(
  (digits: number) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }));
const compactFormat = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 2 });
const scientificFormat = new Intl.NumberFormat(language, { notation: "scientific", maximumFractionDigits: 2 });

// As many digits after the point as it takes to tell steps of this size apart.
export function digitsOf(step: number): number {
  return Math.min(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), 6);
}

export function numberText(value: number, digits: number): string {
  if (value !== 0 && Math.abs(value) < kFineBelow) return scientificFormat.format(value);
  return decimalFormat(digits).format(value);
}

export function axisNumber(value: number, step: number): string {
  if (step < kFineBelow) return scientificFormat.format(value);
  return Math.abs(value) >= kWideFrom ? compactFormat.format(value) : decimalFormat(digitsOf(step)).format(value);
}

type Parts = Intl.DateTimeFormatOptions;
const clock: Parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const seconds: Parts = { ...clock, second: "2-digit" };
const day: Parts = { month: "short", day: "numeric" };
const kForms = {
  clock,
  seconds,
  day,
  month: { month: "short" } as Parts,
  year: { year: "numeric" } as Parts,
  moment: { ...day, ...clock } as Parts,
  fineMoment: { ...day, ...seconds } as Parts,
  longAgo: { ...day, ...clock, year: "numeric" } as Parts,
  days: { ...day, year: "numeric" } as Parts,
};
const dateFormat = cached((name: keyof typeof kForms) => new Intl.DateTimeFormat(language, kForms[name]));

export function tickText(time: number, step: number): string {
  const date = new Date(time);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step < kDay && !midnight) return dateFormat(step < kMinute ? "seconds" : "clock").format(time);
  if (step < 28 * kDay) return dateFormat("day").format(time);
  return dateFormat(date.getMonth() === 0 ? "year" : "month").format(time);
}

const thisYear = (time: number) => new Date(time).getFullYear() === new Date().getFullYear();

// A moment, told as finely as buckets of this width are.
export function momentText(time: number, width: number): string {
  return dateFormat(width < kMinute ? "fineMoment" : thisYear(time) ? "moment" : "longAgo").format(time);
}

export function spanText(from: number, to: number): string {
  const name = to - from < 5 * kMinute ? "fineMoment" : to - from > 60 * kDay ? "days" : thisYear(from) ? "moment" : "longAgo";
  return dateFormat(name).formatRange(from, to);
}
