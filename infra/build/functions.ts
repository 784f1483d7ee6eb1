import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync, type Metafile } from "esbuild";
import { functions } from "../functions.ts";
import { projectRoot } from "./project-root.ts";

const defaultOutput = join(projectRoot, "dist");

/** The file in each function's folder. The Lambda handler is `index.handler`. */
const BUNDLE_FILE = "index.mjs";

/** CommonJS packages in an ES module still call `require` for Node's built-in modules. */
const REQUIRE_BANNER =
  'import { createRequire as sluiceCreateRequire } from "node:module"; const require = sluiceCreateRequire(import.meta.url);';

/**
 * Build options of every function. The AWS SDK is bundled, so that the tested version is the one that runs. Names are kept,
 * because Lambda reports errors by class name. package.json declares that modules have no side effects, so a bundle contains
 * only the endpoints that its function serves.
 */
export const BUILD = {
  absWorkingDir: projectRoot,
  bundle: true,
  /** The full provider chain, which Lambda never uses, would be a fifth of a bundle. */
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
  /** Contains one folder per function, named after it, with `index.mjs`, what that loads only when needed, and source maps. */
  readonly directory: string;
  /** The inputs of each bundle, as esbuild reports them. */
  readonly metafile: Metafile;
}

/** Functions that evaluate expressions of payloads. They load the language's library, a sixth of a gate, when a flow needs it. */
const EVALUATES: readonly string[] = (
  ["gate", "dispatch", "intake", "control", "drain", "handOver", "executionClosed", "sweep"] as const
).map((key) => functions[key].name);

/**
 * Builds every function into `<directory>/<function name>/index.mjs`, without Docker. Each entry creates one handler of
 * functions/lambda.ts. Throws if a handler is missing or does not compile.
 */
export const bundleFunctions = (directory = defaultOutput): Bundles => {
  const entries = join(directory, "entries");
  mkdirSync(entries, { recursive: true });
  const handlers = JSON.stringify(join(projectRoot, "functions/lambda.ts"));
  const entryPoints = Object.entries(functions).map(([key, { name }]) => {
    rmSync(join(directory, name), { recursive: true, force: true });
    const entry = join(entries, `${name}.mjs`);
    writeFileSync(entry, `import { ${key} } from ${handlers};\nexport const handler = ${key}();\n`);
    return { name, in: entry };
  });
  const build = (options: BuildOptions): Metafile =>
    buildSync({
      ...{ ...BUILD, outExtension: { ".js": ".mjs" }, sourcemap: "external", metafile: true },
      ...options,
    }).metafile ?? { inputs: {}, outputs: {} };
  // The parts of a split bundle must be in its own function's folder.
  const split = entryPoints.filter(({ name }) => EVALUATES.includes(name));
  const whole = entryPoints.filter(({ name }) => !EVALUATES.includes(name));
  const made = [
    build({ entryPoints: whole.map((one) => ({ in: one.in, out: `${one.name}/index` })), outdir: directory }),
    ...split.map((one) =>
      build({
        ...{ entryPoints: [{ in: one.in, out: "index" }], outdir: join(directory, one.name) },
        ...{ splitting: true, chunkNames: "[name]-[hash]" },
      }),
    ),
  ];
  const metafile = {
    inputs: Object.assign({}, ...made.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...made.map(({ outputs }) => outputs)),
  };
  return { directory, metafile };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { directory, metafile } = bundleFunctions();
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (file.endsWith(BUNDLE_FILE)) console.log(`${(bytes / 1024).toFixed(0).padStart(6)} kB  ${file}`);
  }
  console.log(`in ${directory}`);
}
