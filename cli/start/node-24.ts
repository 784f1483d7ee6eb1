import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { CliFailure, EXIT } from "../failure.ts";

const MAJOR = 24;
const PACKAGE = `node@${manifest.devDependencies.node}`;

/**
 * Returns the path of a Node.js that runs the local stack: this one, that of the project's npm package `node`, or that of the same
 * package in npm's cache, into which npm fetches it. The package is not a dependency, because it would replace the Node.js of the
 * project's own npm scripts.
 * @param say is told which one it is, unless it is this one
 */
export const findNode24 = async (
  say: (line: string) => void,
  { node: version } = process.versions,
  folder = process.cwd(),
): Promise<string> => {
  if (Number.parseInt(version, 10) >= MAJOR) return process.execPath;
  const installed = ofProject(folder);
  say(
    `The local stack needs Node.js ${MAJOR}, but this is ${version}. Using the npm package ${installed === undefined ? `${PACKAGE}, which npm keeps in its cache` : "node of this project"}.`,
  );
  return installed ?? (await fromCache());
};

const ofProject = (folder: string): string | undefined => {
  try {
    const file = createRequire(join(folder, "package.json")).resolve("node/package.json");
    const { version } = createRequire(file)("./package.json") as { version: string };
    const program = join(dirname(file), "bin", "node");
    return Number.parseInt(version, 10) >= MAJOR && existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
};

const fromCache = async (): Promise<string> => {
  const command = ["exec", "--yes", `--package=${PACKAGE}`, "--", "node", "-p", "process.execPath"];
  try {
    const { stdout } = await promisify(execFile)("npm", command);
    const program = stdout.trim().split("\n").at(-1) ?? "";
    if (!existsSync(program)) throw new Error(`npm ${command.join(" ")} printed: ${stdout}`);
    return program;
  } catch (error) {
    throw new CliFailure(
      EXIT.unexpected,
      {
        code: "node_missing",
        detail: `The local stack needs Node.js ${MAJOR}, but npm could not fetch ${PACKAGE}. Install Node.js ${MAJOR}, or add it to this project: npm install --save-dev ${PACKAGE}`,
      },
      error,
    );
  }
};
