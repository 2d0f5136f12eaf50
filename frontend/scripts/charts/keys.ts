// The keys of a chart that has the focus: arrows pan, + and - zoom, Escape resets; Shift with arrows marks.
import { moved, scaled, type Extent } from "./view";

export interface KeyWishes {
  span(): Extent;
  show(span: Extent): void;
  reset(): void;
  isMarking(): boolean;
  extend(share: number): void; // the mark's end, by a share of the view
  moveCursor(share: number): void;
  propose(): void; // what is marked for deletion
  cancel(): boolean; // false: nothing was marked
}

const kPan = 0.1;
const kZoom = 1.5;
const kFine = 0.01; // of the view: the cursor, and the end of a mark
const kDirections: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

function arrow(direction: number, shift: boolean, wishes: KeyWishes): void {
  if (shift) wishes.extend(direction * kFine);
  else if (wishes.isMarking()) wishes.moveCursor(direction * kFine);
  else wishes.show(moved(wishes.span(), direction * kPan));
}

function zoom(factor: number, wishes: KeyWishes): void {
  const { from, to } = wishes.span();
  wishes.show(scaled({ from, to }, factor, (from + to) / 2));
}

function press(event: KeyboardEvent, wishes: KeyWishes): boolean {
  const direction = kDirections[event.key];
  if (direction) arrow(direction, event.shiftKey, wishes);
  else if (event.key === "+" || event.key === "=") zoom(1 / kZoom, wishes);
  else if (event.key === "-" || event.key === "_") zoom(kZoom, wishes);
  else if (event.key === "Enter" && wishes.isMarking()) wishes.propose();
  else if (event.key === "Escape") wishes.cancel() || wishes.reset();
  else return false;
  return true;
}

export function listenToKeys(host: HTMLElement, wishes: KeyWishes): void {
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event, wishes)) event.preventDefault();
  });
}
