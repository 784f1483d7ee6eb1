import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * uPlot formats numbers for the browser's locale as soon as it is loaded, and fails where the system's locale is POSIX, since
 * `en-US@posix` is not a language tag. The default locale is the same everywhere else.
 */
const defaultLocale: Plugin = {
  name: "default-locale-of-uplot",
  transform: {
    filter: { id: /uPlot\.esm\.js$/ },
    handler: (code) => code.replace("nav.language", "undefined"),
  },
};

/** Components of Mantine that the console does not use. Their styles are a fifth of what every page would load. */
const UNUSED = [
  ...["ActionBar", "Affix", "AngleSlider", "AspectRatio", "Avatar", "BackgroundImage", "Blockquote"],
  ...["Breadcrumbs", "Card", "Cascader", "DataList", "Dialog", "Drawer", "EmptyState"],
  ...["FloatingWindow", "Image", "Indicator", "Marquee", "Menubar", "OverflowList", "Pagination"],
  ...["PinInput", "Rating", "RingProgress", "RollingNumber", "Scroller", "SemiCircleProgress"],
  ...["Splitter", "Spoiler", "Stepper", "TableOfContents", "Toggle", "Toolbar", "Tour", "Tree"],
  ...["TreeSelect"],
];
const stylesOf = (component: string): string =>
  readFileSync(fileURLToPath(import.meta.resolve(`@mantine/core/styles/${component}.css`)), "utf8").trim();

/** Leaves out the styles of unused components, and refuses to build a console that uses one of them. */
const usedStyles: Plugin = {
  name: "used-styles-of-mantine",
  enforce: "pre",
  transform: {
    filter: { id: /@mantine\/core\/styles\.css$/ },
    handler: (css) => UNUSED.reduce((left, component) => left.replace(stylesOf(component), ""), css),
  },
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((part) =>
      part.type === "chunk" ? Object.entries(part.modules) : [],
    );
    for (const [id, { renderedLength }] of modules) {
      const component = /@mantine\/core\/esm\/components\/(\w+)\//.exec(id)?.[1] ?? "";
      if (renderedLength > 0 && UNUSED.includes(component))
        this.error(`The console uses ${component} of Mantine: take it off the list of unused components.`);
    }
  },
};

/** `npm run build:console` writes the files that the local stack serves at `/` and that CloudFront serves in a deployment. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react(), defaultLocale, usedStyles],
  build: {
    outDir: fileURLToPath(new URL("../dist/console", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    reportCompressedSize: false,
    // Every browser of this target preloads modules itself.
    modulePreload: { polyfill: false },
    // The Content-Security-Policy forbids data: URLs.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/local", "/healthz", "/config.json"].map((path) => [path, "http://localhost:4500"]),
    ),
  },
});
