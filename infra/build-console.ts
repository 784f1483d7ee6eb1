import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Builds the console into a folder of its own, beside the one that the local stack serves, and says where that is. What is
 * deployed is so always what stands in the tree.
 */
export const buildConsole = async (
  directory = join(projectRoot, "dist/deployed-console"),
): Promise<string> => {
  await build({
    configFile: join(projectRoot, "console/vite.config.ts"),
    logLevel: "error",
    build: { outDir: directory },
  });
  return directory;
};
