import ownPageClasses from "./own-page-classes.js";

// The palette is seven roles, red green blue of each in light and dark; templates name roles, never colours.
const palette = {
  ground: ["246 247 249", "11 15 21"],
  panel: ["255 255 255", "20 26 35"],
  ink: ["17 24 39", "229 234 241"],
  soft: ["82 94 112", "150 162 179"],
  line: ["224 228 234", "40 49 62"],
  accent: ["15 118 110", "64 207 187"],
  alarm: ["185 28 28", "252 129 129"],
};
const roles = Object.keys(palette);
const variables = (which) => Object.fromEntries(roles.map((role) => [`--${role}`, palette[role][which]]));
const [light, dark] = [variables(0), variables(1)];

// The system's choice, unless the reader has made one.
function schemes({ addBase }) {
  addBase({
    ":root": { colorScheme: "light dark", ...light },
    "@media (prefers-color-scheme: dark)": { ':root:not([data-theme="light"])': dark },
    ':root[data-theme="light"]': { colorScheme: "light" },
    ':root[data-theme="dark"]': { colorScheme: "dark", ...dark },
  });
}

export default {
  content: ["templates/**/*.html", "page-examples/**/*.html", "scripts/**/*.ts"],
  safelist: ownPageClasses,
  plugins: [schemes],
  theme: {
    colors: {
      transparent: "transparent",
      current: "currentColor",
      ...Object.fromEntries(roles.map((role) => [role, `rgb(var(--${role}) / <alpha-value>)`])),
    },
    fontFamily: {
      sans: ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"],
      mono: ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"],
    },
  },
};
