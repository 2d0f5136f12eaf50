// The roles of styles/app.css as a canvas takes them, and word when they change: dark by the system or by a choice.

export interface Palette {
  accent: string;
  band: string;
  edge: string;
  soft: string;
  line: string;
  night: string;
  font: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const role = (name: string, alpha = 1) => `rgb(${style.getPropertyValue(`--${name}`).trim()} / ${alpha})`;
  return {
    accent: role("accent"),
    band: role("accent", 0.18),
    edge: role("accent", 0.35),
    soft: role("soft"),
    line: role("line"),
    night: role("ink", 0.04),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

export function onPaletteChange(action: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", action);
  new MutationObserver(action).observe(document.documentElement, { attributes: true });
}
