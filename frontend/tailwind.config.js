// The palette is six roles, defined for light and dark in styles/app.css; templates name roles, never colours.
const role = (name) => `rgb(var(--${name}) / <alpha-value>)`;

export default {
  content: ["templates/**/*.html", "scripts/**/*.ts"],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      ground: role("ground"),
      panel: role("panel"),
      ink: role("ink"),
      soft: role("soft"),
      line: role("line"),
      accent: role("accent"),
      alarm: role("alarm"),
    },
    fontFamily: {
      sans: ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"],
      mono: ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"],
    },
  },
};
