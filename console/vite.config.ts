import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npm run build:console` writes the files that the local stack serves at `/` and that CloudFront serves in a deployment. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
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
