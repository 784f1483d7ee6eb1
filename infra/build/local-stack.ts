import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { projectRoot } from "./project-root.ts";

/** The program, and the modules that it starts in separate threads and processes. */
const ENTRIES = [
  "local/main.ts",
  "local/lambda/user-functions/worker.ts",
  "local/step-functions/language/jsonata/jsonata-child.ts",
];
const STARTED = /new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g;

/** All bundles are in one folder, where a module that is started by its URL has the extension `.mjs`. */
const startedModules: Plugin = {
  name: "started-modules",
  setup({ onLoad }) {
    onLoad({ filter: /\/local\/.*\.ts$/ }, async ({ path }) => {
      const contents = (await readFile(path, "utf8")).replace(STARTED, (_, name: string) => {
        if (!ENTRIES.some((entry) => basename(entry) === `${name}.ts`))
          throw new Error(`${path} starts ${name}.ts, which is not an entry of the bundle`);
        return `new URL("./${name}.mjs", import.meta.url)`;
      });
      return { contents, loader: "ts" };
    });
  },
};

/**
 * Bundles the local stack into `<directory>/main.mjs`, as JavaScript: Node does not run TypeScript inside of packages. Sluice's
 * dependencies are not bundled; npm installs them with the package.
 * @returns the inputs of the bundle, as esbuild reports them
 */
export const bundleLocalStack = async (directory = join(projectRoot, "dist/local")): Promise<Metafile> => {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: ENTRIES.map((entry) => ({ in: entry, out: basename(entry, ".ts") })),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node24",
    format: "esm",
    minify: true,
    keepNames: true,
    plugins: [startedModules],
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleLocalStack();
