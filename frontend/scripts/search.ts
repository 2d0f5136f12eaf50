// The search field of the overview: hides the cards that do not hold every word typed.
export function applySearch(): void {
  const input = document.querySelector<HTMLInputElement>("[data-find]");
  if (!input) return;
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of document.querySelectorAll<HTMLElement>("[data-grid] > [data-sensor]")) {
    const text = `${card.dataset["sensor"]} ${card.querySelector("header")?.textContent}`.toLowerCase();
    card.hidden = !words.every((word) => text.includes(word));
  }
}

export function offerSearch(): void {
  const input = document.querySelector<HTMLInputElement>("[data-find]");
  if (!input) return;
  input.hidden = false;
  input.addEventListener("input", applySearch);
}
