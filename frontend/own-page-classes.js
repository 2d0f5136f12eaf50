// Classes that pages of one's own may use: they are in the CSS whether or not a page of the product has them.
// docs/own-pages.md lists them; tests/e2e/own_pages_test.py compares.
const roles = ["ground", "panel", "ink", "soft", "line", "accent", "alarm"];
const steps = ["0", "1", "2", "3", "4", "6", "8", "12"];
const each = (prefix, ends) => ends.map((end) => `${prefix}-${end}`);
const wide = (classes) => [...classes, ...["sm", "lg"].flatMap((width) => classes.map((name) => `${width}:${name}`))];

const layout = [
  ...wide(["block", "hidden", "flex", "grid", ...each("grid-cols", ["1", "2", "3", "4", "5", "6"]), ...each("col-span", ["2", "3", "4", "full"])]),
  "inline", "inline-block", "flex-col", "flex-wrap", "grow", "shrink-0", "min-w-0", "auto-cols-fr", "grid-flow-col", "row-span-2",
  ...each("items", ["start", "center", "end", "baseline", "stretch"]),
  ...each("justify", ["start", "center", "end", "between"]),
];
const space = [
  ...["gap", "p", "px", "py", "m", "my", "mt", "mb", "ml", "mr"].flatMap((prefix) => each(prefix, steps)),
  "mx-auto", "ml-auto", "mt-auto",
];
const size = [
  ...each("w", ["full", "1/2", "1/3", "2/3", "1/4", "3/4"]),
  ...each("h", ["full", "4", "8", "16", "24", "32", "48", "64"]),
  ...each("max-w", ["xs", "md", "2xl", "5xl", "none"]),
  "min-h-screen",
];
const text = [
  ...wide(each("text", ["sm", "base", "lg", "xl", "2xl", "4xl", "6xl", "8xl"])),
  "text-xs",
  ...each("text", ["left", "center", "right"]),
  ...each("font", ["mono", "normal", "medium", "semibold", "bold"]),
  ...each("leading", ["none", "tight", "relaxed"]),
  "tracking-tight", "uppercase", "tabular-nums", "truncate", "break-words", "whitespace-nowrap",
];
const colour = [
  ...["text", "bg", "border", "fill", "stroke"].flatMap((prefix) => each(prefix, roles)),
  "bg-accent/20", "bg-alarm/20", "fill-accent/20", "fill-none", "opacity-50", "underline",
];
const shape = [
  "border", "border-t", "border-b", "border-l-4", "rounded", "rounded-lg", "rounded-xl", "rounded-full",
  "overflow-hidden", "overflow-x-auto", "relative", "absolute", "inset-0", "object-cover",
];

export const groups = { layout, space, size, text, colour, shape };
export default Object.values(groups).flat();
