import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, type Metafile } from "esbuild";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What `sluice/gate` is, as `exports` in package.json names it. */
export const GATE_FILE = "index.mjs";

/**
 * Builds the gate for users' functions into `<directory>/index.mjs`: JavaScript, since Node refuses TypeScript from packages.
 * The AWS SDK and middy stay outside: the function's own bundle, or Lambda's runtime, has them.
 * @returns what went into it, as esbuild tells it
 */
export const bundleGate = (directory = join(projectRoot, "dist/gate")): Metafile => {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [{ in: "functions/inline/gate.ts", out: "index" }],
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["@aws-sdk/*", "@smithy/*"],
    minify: true,
    keepNames: true,
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) bundleGate();
