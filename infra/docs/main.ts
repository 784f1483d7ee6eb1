/** `npm run docs`: updates the generated parts of docs/. */
import { readFileSync, writeFileSync } from "node:fs";
import { GENERATED_PAGES } from "./pages.ts";

for (const { url, update } of GENERATED_PAGES) writeFileSync(url, update(readFileSync(url, "utf8")));
