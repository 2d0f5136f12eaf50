// Keeps "3 min ago" true, by the server's clock: a browser's may be minutes off, and a Pi's too.
import { texts } from "./texts";

const kTurn = 5_000;
const offset = Number(document.body.dataset["now"] ?? Date.now()) - Date.now();

// The same steps as the server's own ages.
export function age(then: number, now: number = Date.now() + offset): string {
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  if (seconds < 5) return texts.now;
  if (seconds < 60) return texts.secondsAgo(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return texts.minutesAgo(minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? texts.hoursAgo(hours) : texts.daysAgo(Math.floor(hours / 24));
}

export function setTime(element: HTMLTimeElement, then: number): void {
  element.dateTime = new Date(then).toISOString();
  element.textContent = age(then);
}

function refresh(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const then = Date.parse(element.dateTime);
    if (Number.isNaN(then)) continue;
    const text = age(then);
    if (element.textContent !== text) element.textContent = text;
  }
}

export function keepAgesTrue(): void {
  setInterval(refresh, kTurn);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
}
