// Keeps "3 min ago" true, by the server's clock: a browser's may be minutes off, and a Pi's too.
import { _ } from "./texts";

const kTurn = 5_000;
const kStaleAfter = 2 * 3_600_000; // as the server has it
const offset = Number(document.body.dataset["now"] ?? Date.now()) - Date.now();

export const serverNow = () => Date.now() + offset;

// The same steps as the server's own ages.
export function age(then: number, now: number = serverNow()): string {
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  if (seconds < 5) return _("now");
  if (seconds < 60) return _("%(count)s s ago", { count: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return _("%(count)s min ago", { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? _("%(count)s h ago", { count: hours }) : _("%(count)s days ago", { count: Math.floor(hours / 24) });
}

export function setTime(element: HTMLTimeElement, then: number): void {
  element.dateTime = new Date(then).toISOString();
  element.textContent = age(then);
}

function refresh(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const then = Date.parse(element.dateTime);
    if (Number.isNaN(then)) continue;
    // A time of the clock stands in UTC, as the server does not know where its reader is.
    const text = "clock" in element.dataset ? new Date(then).toLocaleString(document.documentElement.lang) : age(then);
    if (element.textContent !== text) element.textContent = text;
    element.closest(".card")?.classList.toggle("stale", serverNow() - then > kStaleAfter);
  }
}

export function keepAgesTrue(): void {
  setInterval(refresh, kTurn);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
}
