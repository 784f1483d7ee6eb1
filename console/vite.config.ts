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

/** `npm run build:console` writes the files that the local stack serves at `/` and that CloudFront serves in a deployment. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react(), defaultLocale],
  build: {
    outDir: fileURLToPath(new URL("../dist/console", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    reportCompressedSize: false,
    // The Content-Security-Policy forbids data: URLs.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/local", "/healthz", "/config.json"].map((path) => [path, "http://localhost:4500"]),
    ),
  },
});
