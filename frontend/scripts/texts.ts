// Every word that a script writes on a page, in one place: another language is another object of this shape.
export const texts = {
  now: "now",
  secondsAgo: (n: number) => `${n} s ago`,
  minutesAgo: (n: number) => `${n} min ago`,
  hoursAgo: (n: number) => `${n} h ago`,
  daysAgo: (n: number) => `${n} days ago`,
  live: "live",
  lost: "reconnecting",
  connecting: "connecting",
};
