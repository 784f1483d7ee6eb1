/**
 * `npm run prove:package`: makes the package, installs it in empty folders with the Node.js of the PATH and with Node.js 24, and
 * uses it as a newcomer does: two commands to a running local stack, five lines to a CDK app with all stacks.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../infra/build/project-root.ts";
import { proveCdk } from "./cdk-app.ts";
import { Folder } from "./folder.ts";
import { proveLocalStack } from "./local-stack.ts";

/** The Node.js of whoever runs npm: npm puts the project's own before it in the PATH. */
const ofPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((entry) => !entry.includes("node_modules"))
  .join(delimiter);
const PATHS = [ofPath, [dirname(process.execPath), ofPath].join(delimiter)];

const work = mkdtempSync(join(tmpdir(), "sluice-package-"));
try {
  const packed = execFileSync("npm", ["pack", "--pack-destination", work, "--silent"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  const tarball = join(work, packed.trim().split("\n").at(-1) ?? "");
  for (const [n, path] of PATHS.entries()) {
    const version = execFileSync("node", ["--version"], { env: { PATH: path }, encoding: "utf8" }).trim();
    console.log(`Node.js ${version}`);
    const folder = new Folder(join(work, `folder-${n}`), path);
    folder.install(tarball);
    await proveLocalStack(folder);
    proveCdk(folder);
  }
  console.log("The package works.");
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
