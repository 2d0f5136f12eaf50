// Pointer and wheel over one plot, told as wishes: a drag zooms to its span or marks it, a finger pans, two pinch, the wheel
// zooms around the pointer. Up and down the page still scrolls by touch.
import type uPlot from "uplot";
import { scaled, type Extent } from "./view";

export interface Wishes {
  span(): Extent; // what is shown now
  show(span: Extent): void; // as a gesture goes on
  zoom(span: Extent): void; // one step, which can be taken back
  back(): void;
  isMarking(): boolean;
  mark(from: number, to: number, done: boolean): void;
  point(time: number): void; // a click while marking: from there, then to there
}

const kDragFrom = 5; // px: less is a click
const kWheelStep = 1.0015; // per px
const kLinePixels = 16; // of a wheel that counts lines
const kDoubleClick = 400; // ms
const kAfterTap = 1_000; // ms
const kOut = { left: -10, top: -10 };

// Where pointers are over a plot, and which moments these are.
class Ground {
  private clicked = -Infinity;
  readonly over: HTMLElement;
  constructor(readonly plot: uPlot, readonly wishes: Wishes) {
    this.over = plot.over;
  }

  x(event: MouseEvent): number {
    return event.clientX - this.over.getBoundingClientRect().left;
  }

  inside(event: MouseEvent): number {
    return Math.min(Math.max(this.x(event), 0), this.over.clientWidth);
  }

  time(px: number): number {
    const { from, to } = this.wishes.span();
    return from + ((to - from) * px) / this.over.clientWidth;
  }

  // The second within a moment goes back. A browser's own word for that comes for taps in some, in others not.
  click(event: PointerEvent): void {
    const twice = event.timeStamp - this.clicked < kDoubleClick;
    this.clicked = twice ? -Infinity : event.timeStamp;
    if (twice) this.wishes.back();
  }
}

// A mouse, a pen, and a finger while marking: a span is drawn out.
class Drag {
  private drawn: { id: number; x: number; marks: boolean; moved: boolean } | undefined;
  constructor(private readonly ground: Ground, private readonly focus: HTMLElement) {}

  has = (event: PointerEvent) => this.drawn?.id === event.pointerId;

  begin(event: PointerEvent): void {
    if (event.button !== 0 || this.drawn) return;
    this.focus.focus({ preventScroll: true });
    const marks = event.shiftKey || this.ground.wishes.isMarking();
    this.drawn = { id: event.pointerId, x: this.ground.x(event), marks, moved: false };
    this.ground.over.setPointerCapture(event.pointerId);
  }

  move(event: PointerEvent): void {
    const { drawn, ground } = this;
    if (!drawn) return;
    const to = ground.inside(event);
    if (Math.abs(to - drawn.x) < kDragFrom && !drawn.moved) return;
    drawn.moved = true;
    const [left, right] = [Math.min(drawn.x, to), Math.max(drawn.x, to)];
    if (drawn.marks) ground.wishes.mark(ground.time(left), ground.time(right), false);
    else this.select(left, right - left);
  }

  end(event: PointerEvent): void {
    const { drawn, ground } = this;
    if (!drawn) return;
    this.drawn = undefined;
    this.select(0, 0);
    if (event.type === "pointercancel") return;
    const to = ground.inside(event);
    const [from, until] = [ground.time(Math.min(drawn.x, to)), ground.time(Math.max(drawn.x, to))];
    if (drawn.moved && drawn.marks) ground.wishes.mark(from, until, true);
    else if (drawn.moved) ground.wishes.zoom({ from, to: until });
    else if (ground.wishes.isMarking()) ground.wishes.point(from);
    else ground.click(event);
  }

  private select(left: number, width: number): void {
    this.ground.plot.setSelect({ left, width, top: 0, height: this.ground.over.clientHeight }, false);
  }
}

// Fingers hold the moments that they came down on: one pans, two pinch.
class Fingers {
  private readonly down = new Map<number, { x: number; time: number }>();
  private travelled = 0;
  private tapped = -Infinity;
  constructor(private readonly ground: Ground) {}

  isJustTapped = (event: Event) => event.timeStamp - this.tapped < kAfterTap;

  press(event: PointerEvent): void {
    event.preventDefault(); // no mouse events in its name
    if (event.isPrimary) {
      this.down.clear(); // one whose end was not told
      this.travelled = 0;
    }
    this.down.set(event.pointerId, { x: this.ground.x(event), time: 0 });
    this.ground.over.setPointerCapture(event.pointerId);
    this.hold();
  }

  move(event: PointerEvent): void {
    const { plot, over, wishes } = this.ground;
    const finger = this.down.get(event.pointerId);
    if (!finger) return;
    const x = this.ground.x(event);
    this.travelled += Math.abs(x - finger.x);
    finger.x = x;
    const [one, other] = [...this.down.values()];
    if (this.travelled < kDragFrom || !one) return;
    plot.setCursor(kOut);
    const { from, to } = wishes.span();
    const apart = other ? other.x - one.x : 0;
    const perPixel = other && Math.abs(apart) > 1 ? (other.time - one.time) / apart : (to - from) / over.clientWidth;
    if (perPixel <= 0) return;
    const start = one.time - one.x * perPixel;
    wishes.show({ from: start, to: start + perPixel * over.clientWidth });
  }

  lift(event: PointerEvent): void {
    this.down.delete(event.pointerId);
    this.hold();
    if (event.type !== "pointerup" || this.down.size > 0 || this.travelled >= kDragFrom) return;
    this.ground.plot.setCursor({ left: this.ground.x(event), top: this.ground.over.clientHeight / 2 });
    this.tapped = event.timeStamp;
    this.ground.click(event);
  }

  private hold(): void {
    for (const finger of this.down.values()) finger.time = this.ground.time(finger.x);
  }
}

function turnWheel(event: WheelEvent, ground: Ground): void {
  const { over, wishes } = ground;
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? kLinePixels : 1;
  const along = (event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX) * unit;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    wishes.show({ from: ground.time(along), to: ground.time(over.clientWidth + along) });
  } else {
    wishes.show(scaled(wishes.span(), kWheelStep ** (event.deltaY * unit), ground.time(ground.x(event))));
  }
}

// `focus` is what takes the focus for the plot. The listeners go with the plot's own element.
export function listen(plot: uPlot, focus: HTMLElement, wishes: Wishes): void {
  const { over } = plot;
  const ground = new Ground(plot, wishes);
  const drag = new Drag(ground, focus);
  const fingers = new Fingers(ground);
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" && !wishes.isMarking()) fingers.press(event);
    else drag.begin(event);
  });
  over.addEventListener("pointermove", (event) => (drag.has(event) ? drag.move(event) : fingers.move(event)));
  for (const name of ["pointerup", "pointercancel"] as const) {
    over.addEventListener(name, (event) => (drag.has(event) ? drag.end(event) : fingers.lift(event)));
  }
  // A mouse that lies elsewhere "leaves" after each tap, and would take the cursor along.
  over.addEventListener("mouseleave", (event) => {
    if (fingers.isJustTapped(event)) event.stopImmediatePropagation();
  }, { capture: true });
  // The page scrolls over charts as everywhere, until one was clicked.
  over.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || focus.contains(document.activeElement)) turnWheel(event, ground);
  }, { passive: false });
}
