import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "./project-root.ts";

const read = (file: string) => JSON.parse(readFileSync(`${projectRoot}/${file}`, "utf8"));
const { start, demo } = read("package.json").scripts;

it.each([
  ["npm start", start],
  ["npm run demo", demo],
  ["cdk", read("cdk.json").app],
])("%s says what to do where Node.js cannot load TypeScript, as on Node.js 20", (_name, command) => {
  const { status, stderr } = spawnSync("sh", ["-c", command], {
    cwd: projectRoot,
    encoding: "utf8",
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      NODE_OPTIONS: "--no-experimental-strip-types",
    },
  });
  expect(stderr).toMatch(/needs Node\.js 24, and this is v\d+/);
  expect(stderr).toMatch(/npm rebuild node/);
  expect(stderr).not.toContain("ERR_UNKNOWN_FILE_EXTENSION");
  expect(status).toBe(1);
});
