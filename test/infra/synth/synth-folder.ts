import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes the folder for everything that the tests synthesize, and deletes it when all tests are over. */
export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-synth-"));
  process.env["SYNTH_FOLDER"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
};
