import { join } from "node:path";
import { build } from "vite";
import { projectRoot } from "./project-root.ts";

/**
 * Builds the console for a deployment and returns the folder. It is not the folder that the local stack serves, so a deployment
 * always gets the console of the current source. Vite takes React's large development version unless NODE_ENV is production.
 */
export const buildConsole = async (
  directory = join(projectRoot, "dist/deployed-console"),
): Promise<string> => {
  const { NODE_ENV } = process.env;
  process.env["NODE_ENV"] = "production";
  try {
    await build({
      configFile: join(projectRoot, "console/vite.config.ts"),
      logLevel: "error",
      build: { outDir: directory },
    });
  } finally {
    Object.assign(process.env, { NODE_ENV: NODE_ENV ?? "" });
  }
  return directory;
};
