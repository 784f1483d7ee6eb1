import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync, type Metafile } from "esbuild";
import { entryOf, type FunctionDefinition, functions } from "./functions.ts";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");
const defaultOutput = join(projectRoot, "dist");

/** Name of the file in each function's folder; the Lambda handler is `index.handler`. */
const BUNDLE_FILE = "index.mjs";

/** CommonJS packages inside an ES module still call `require` for Node's own modules. */
const REQUIRE_BANNER =
  'import { createRequire as sluiceCreateRequire } from "node:module"; const require = sluiceCreateRequire(import.meta.url);';

/** How every function is built. The AWS SDK goes in, so that what was tested is what runs; names are kept, because Lambda reports an error by its class's name. */
export const BUILD = {
  absWorkingDir: projectRoot,
  bundle: true,
  /** A fifth of a bundle otherwise, for what Lambda never uses. */
  alias: {
    "@aws-sdk/credential-provider-node": join(
      projectRoot,
      "functions/dependencies/environment-credentials.ts",
    ),
  },
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  banner: { js: REQUIRE_BANNER },
  minify: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

export interface Bundles {
  /** One folder a function, named after it, with `index.mjs` and its source map. */
  readonly directory: string;
  /** What went into each bundle, as esbuild tells it. */
  readonly metafile: Metafile;
}

/**
 * Builds every function into `<directory>/<function name>/index.mjs`, without Docker and in one esbuild run.
 * Throws when an entry is missing or does not compile.
 */
export const bundleFunctions = (directory = defaultOutput): Bundles => {
  const definitions: readonly FunctionDefinition[] = Object.values(functions);
  for (const { name } of definitions) rmSync(join(directory, name), { recursive: true, force: true });
  const { metafile } = buildSync({
    ...BUILD,
    entryPoints: definitions.map((definition) => ({
      in: entryOf(definition),
      out: `${definition.name}/index`,
    })),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    sourcemap: "external",
    metafile: true,
  });
  return { directory, metafile };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { directory, metafile } = bundleFunctions();
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (file.endsWith(BUNDLE_FILE)) console.log(`${(bytes / 1024).toFixed(0).padStart(6)} kB  ${file}`);
  }
  console.log(`in ${directory}`);
}
