import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { projectRoot } from "./project-root.ts";

/** Build options of the modules that the package contains for Node.js 20 and later: the command line, and what others import. */
export const MODULE_OPTIONS = {
  absWorkingDir: projectRoot,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  mainFields: ["module", "main"],
  /** The main build of `yaml` is CommonJS and requires Node's built-in modules, which an ES module cannot. */
  alias: { yaml: join(projectRoot, "node_modules/yaml/browser/dist/index.js") },
  minify: true,
  keepNames: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;
