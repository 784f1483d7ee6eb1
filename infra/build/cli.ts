import { chmodSync, copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";
import { MODULE_OPTIONS } from "./module-options.ts";
import { projectRoot } from "./project-root.ts";

/** The command line's program file, which `bin` in package.json names. */
export const CLI_FILE = "sluice.mjs";

const RELEASES = join(projectRoot, "test/upgrades/releases");

/** The compiled texts of the newest release, which `sluice doctor` validates with Step Functions. */
export const goldenTexts = (): string => {
  const [newest = ""] = readdirSync(RELEASES).sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return join(RELEASES, newest, "machines.json");
};

/**
 * Bundles the command line and its packages into `<directory>/sluice.mjs`, for Node 20 and later. Code that only some commands need
 * is split into files of its own, so that the other commands start without it.
 * @returns the inputs of the bundle, as esbuild reports them
 */
export const bundleCli = (directory = join(projectRoot, "dist/cli")): Metafile => {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = buildSync({
    ...MODULE_OPTIONS,
    entryPoints: [{ in: "cli/main.ts", out: "sluice" }],
    outdir: directory,
    splitting: true,
  });
  chmodSync(join(directory, CLI_FILE), 0o755);
  copyFileSync(goldenTexts(), join(directory, "golden-texts.json"));
  return metafile;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) bundleCli();
