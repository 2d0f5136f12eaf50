// A word at the foot of the page about what was done, for a while, with a way to take it back.
import { makeButton } from "./button";
import { _ } from "./texts";

const kShown = 120_000; // whoever looks away for a minute still finds it

let place: HTMLElement | undefined;
let timer = 0;

export function hideNotice(): void {
  clearTimeout(timer);
  place?.replaceChildren();
}

// One at a time; `undo` may be left out. The place is there before the words, or a screen reader would not tell them.
export function showNotice(text: string, undo?: () => void): void {
  hideNotice();
  if (!place) {
    place = document.createElement("div");
    place.setAttribute("role", "status");
    place.className = "toast";
    document.body.append(place);
  }
  const words = document.createElement("p");
  words.textContent = text;
  place.append(words, ...(undo ? [makeButton(_("Undo"), "tool", undo)] : []), makeButton(_("Close"), "tool", hideNotice));
  timer = window.setTimeout(hideNotice, kShown);
}
