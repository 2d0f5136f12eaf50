// Marks a span of one chart and offers to delete the readings in it: drawn out with Shift or after "Select", by two clicks, or by keys.
import { makeButton } from "../button";
import { hideNotice, showNotice } from "../notice";
import { _, ngettext } from "../texts";
import type { Figure } from "./figure";
import { momentText } from "./formats";
import type { Extent } from "./view";

const kFine = 1; // bucket width for words: to the second

// The page gives the proof to who may delete.
async function change(method: string, address: string, proof: string): Promise<unknown> {
  const answer = await fetch(address, { method, headers: { "X-CSRF-Token": proof } });
  if (answer.status === 401) location.reload();
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Error((body as { detail?: string } | undefined)?.detail ?? String(answer.status));
  return body;
}

export class Marking {
  active = false; // a plain drag marks
  private figure: Figure | undefined;
  private anchor = 0;
  private head = 0;
  private bar: HTMLElement | undefined;

  // `toggle`: the button "Select", where somebody may delete. `changed`: readings of a figure are others now.
  constructor(private readonly sensor: string, private readonly toggle: HTMLElement | null, private readonly changed: () => void) {
    toggle?.addEventListener("click", () => (this.active ? this.leave() : this.enter()));
  }

  private get proof(): string {
    return this.toggle?.dataset["csrf"] ?? "";
  }

  get allowed(): boolean {
    return this.toggle !== null;
  }

  set(figure: Figure, from: number, to: number, done: boolean): void {
    if (!this.allowed) return;
    if (this.figure !== figure) this.clear();
    this.figure = figure;
    [this.anchor, this.head] = [from, to];
    figure.setMark(this.span());
    if (done) void this.propose();
  }

  // The first of two clicks, then the second.
  point(figure: Figure, time: number): void {
    const second = this.figure === figure && !this.bar;
    this.set(figure, second ? this.anchor : time, time, second);
  }

  extend(figure: Figure, by: number, start: number, { from, to }: Extent): void {
    if (!this.allowed) return;
    if (!this.active) this.enter();
    const [anchor, end] = this.figure === figure ? [this.anchor, this.head] : [start, start];
    this.removeBar();
    const head = Math.min(Math.max(end + by, from), to);
    this.set(figure, anchor, head, false);
    figure.moveCursorTo(head);
  }

  async propose(): Promise<void> {
    const { figure } = this;
    if (!figure) return;
    const { from, to } = this.span();
    const question = new URLSearchParams({ sensor: this.sensor, field: figure.field, from: String(from), to: String(to), points: "1", fn: "count" });
    const answer = await fetch(`/api/v1/query?${question}`).then((got) => got.json() as Promise<{ count?: number[] }>).catch(() => undefined);
    if (this.figure !== figure) return;
    const count = (answer?.count ?? []).reduce((sum, each) => sum + each, 0); // the hours of a long mark are two buckets
    const words = { from: momentText(from, kFine), to: momentText(to, kFine) };
    this.removeBar();
    const bar = (this.bar = document.createElement("div"));
    bar.className = "mark-bar";
    bar.setAttribute("role", "group");
    const text = document.createElement("p");
    text.textContent = count > 0
      ? ngettext("Delete %(num)s reading from %(from)s to %(to)s?", "Delete %(num)s readings from %(from)s to %(to)s?", count, words)
      : _("There are no readings from %(from)s to %(to)s.", words);
    bar.setAttribute("aria-label", text.textContent);
    bar.append(text);
    if (count > 0) bar.append(makeButton(_("Delete"), "tool tool-alarm", () => void this.remove()));
    const cancel = makeButton(_("Cancel"), "tool", () => this.cancel());
    bar.append(cancel);
    bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.cancel();
    });
    figure.host.after(bar);
    cancel.focus(); // not "Delete": Enter was pressed to come here
  }

  // False: there was nothing to cancel.
  cancel(): boolean {
    const { figure } = this;
    const was = this.active || figure !== undefined;
    this.leave();
    figure?.host.focus({ preventScroll: true });
    return was;
  }

  // The figure goes away, or something else does.
  clear(): void {
    this.removeBar();
    this.figure?.setMark(undefined);
    this.figure = undefined;
  }

  isOn(figure: Figure): boolean {
    return this.figure === figure;
  }

  private enter(): void {
    this.active = true;
    this.toggle?.setAttribute("aria-pressed", "true");
  }

  private leave(): void {
    this.active = false;
    this.toggle?.setAttribute("aria-pressed", "false");
    this.clear();
  }

  // Half open, and no less than what one pixel stands for.
  private span(): Extent {
    const [from, to] = [Math.floor(Math.min(this.anchor, this.head)), Math.ceil(Math.max(this.anchor, this.head))];
    return { from, to: Math.max(to, from + 1) };
  }

  private removeBar(): void {
    this.bar?.remove();
    this.bar = undefined;
  }

  private async remove(): Promise<void> {
    const { figure } = this;
    if (!figure) return;
    const { from, to } = this.span();
    const which = new URLSearchParams({ sensor: this.sensor, field: figure.field, from: String(from), to: String(to) });
    this.cancel();
    try {
      const { removed, undo } = (await change("DELETE", `/api/v1/measurements?${which}`, this.proof)) as { removed: number; undo: string | null };
      showNotice(ngettext("%(num)s reading deleted.", "%(num)s readings deleted.", removed), undo === null ? undefined : () => void this.undo(undo));
    } catch (error) {
      showNotice(_("That did not work: %(why)s", { why: (error as Error).message }));
    }
    this.changed();
  }

  private async undo(token: string): Promise<void> {
    hideNotice();
    try {
      await change("POST", `/api/v1/undo?undo=${encodeURIComponent(token)}`, this.proof);
      showNotice(_("The readings are back."));
    } catch (error) {
      showNotice(_("That did not work: %(why)s", { why: (error as Error).message }));
    }
    this.changed();
  }
}
