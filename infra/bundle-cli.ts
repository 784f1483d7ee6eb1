import { chmodSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The command line's program in its folder, as `bin` in package.json names it. */
export const CLI_FILE = "sluice.mjs";

/**
 * Builds the command line into `<directory>/sluice.mjs`, with its packages, for whatever Node a user has from 20 on.
 * What only some commands need is in files of its own, so that the others start without it.
 * @returns what went into it, as esbuild tells it
 */
export const bundleCli = (directory = join(projectRoot, "dist/cli")): Metafile => {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [{ in: "cli/main.ts", out: "sluice" }],
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  chmodSync(join(directory, CLI_FILE), 0o755);
  return metafile;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) bundleCli();
