import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functions } from "../../../infra/functions.ts";
import type { BuiltFiles } from "../../../infra/stacks/sluice.ts";

/**
 * Writes empty handlers and an empty page for a console: other tests check the content of both, and building them takes seconds.
 * @public because modules that snippets.test.ts writes import it
 */
export const emptyFiles = (bundles: string): BuiltFiles => {
  for (const { name } of Object.values(functions)) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, "index.mjs"), "export const handler = () => undefined;\n");
  }
  const consoleFiles = join(bundles, "console");
  mkdirSync(join(consoleFiles, "assets"), { recursive: true });
  writeFileSync(join(consoleFiles, "index.html"), "<!doctype html>");
  writeFileSync(join(consoleFiles, "assets", "page-0.js"), "");
  return { bundles, consoleFiles };
};

/** Synthesizes with empty files, which it removes afterwards. */
export const withEmptyFiles = <T>(synthesize: (files: BuiltFiles) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bundles-"));
  try {
    return synthesize(emptyFiles(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
