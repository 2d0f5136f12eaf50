// The language of the page for scripts: words from languages/CODE.po, numbers with the right mark.
import catalogs from "catalogs";

const language = document.documentElement.lang;
const catalog = catalogs[language];

type Values = Record<string, string | number>;

const filled = (text: string, values: Values) => text.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));

export function _(id: string, values: Values = {}): string {
  return filled(catalog?.texts[id]?.[0] ?? id, values);
}

export function ngettext(one: string, many: string, count: number, values: Values = {}): string {
  const known = catalog?.texts[one]?.[catalog.form(count)];
  return filled(known ?? (count === 1 ? one : many), { ...values, num: count });
}

const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";

// A value as the server's pages show it: `text` is a number's in English ("21.4"), `decimals` how many it is to have.
export function localNumber(text: string, value: unknown, decimals?: string): string {
  if (typeof value === "boolean") return value ? _("on") : _("off");
  if (typeof value !== "number") return text;
  const isRounded = decimals !== undefined && Math.abs(value) < 1e15;
  return (isRounded ? value.toFixed(Number(decimals)) : text).replace(".", decimal);
}
