import { join } from "node:path";
import { projectRoot } from "./project-root.ts";

/**
 * Aliases for bundles that are ES modules. The main build of `yaml` is CommonJS and requires Node's built-in modules, which an ES module
 * cannot.
 */
export const ES_MODULES = { yaml: join(projectRoot, "node_modules/yaml/browser/dist/index.js") };
