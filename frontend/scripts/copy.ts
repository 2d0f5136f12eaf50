// A button beside each snippet that copies it.
import { makeButton } from "./button";
import { _ } from "./texts";

const kSaidPeriod = 2_000;

export function offerCopies(): void {
  for (const snippet of document.querySelectorAll<HTMLElement>("pre.snippet")) {
    const button = makeButton(_("Copy"), "action mt-2 text-xs", async () => {
      await navigator.clipboard.writeText(snippet.textContent ?? "");
      button.textContent = _("Copied");
      setTimeout(() => (button.textContent = _("Copy")), kSaidPeriod);
    });
    snippet.after(button);
  }
}
