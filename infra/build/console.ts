import { join } from "node:path";
import { build } from "vite";
import { projectRoot } from "./project-root.ts";

/**
 * Builds the console for a deployment and returns the folder. It is not the folder that the local stack serves, so a deployment
 * always gets the console of the current source.
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
