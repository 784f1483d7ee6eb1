import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { findNode24 } from "./node-24.ts";

const folder = mkdtempSync(join(tmpdir(), "node-24-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const project = (version: string): string => {
  const root = join(folder, version);
  mkdirSync(join(root, "node_modules/node/bin"), { recursive: true });
  writeFileSync(join(root, "node_modules/node/package.json"), JSON.stringify({ name: "node", version }));
  writeFileSync(join(root, "node_modules/node/bin/node"), "");
  return root;
};
const NODE_20 = { ...process.versions, node: "20.20.2" };

it("uses the Node.js that runs the command line, if it is recent enough", async () => {
  const say = vi.fn();
  expect(await findNode24(say, { ...process.versions, node: "24.1.0" }, folder)).toBe(process.execPath);
  expect(say).not.toHaveBeenCalled();
});

it("uses the npm package node of the project, and says so", async () => {
  const say = vi.fn();
  const root = project("24.2.0");
  expect(await findNode24(say, NODE_20, root)).toBe(join(root, "node_modules/node/bin/node"));
  expect(say).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/needs Node\.js 24, but this is 20\.20\.2.*of this project/),
  );
});

it("asks npm for one if the project has none, or an older one, and says what to do without npm", async () => {
  vi.stubEnv("PATH", folder);
  try {
    await expect(findNode24(() => undefined, NODE_20, project("22.1.0"))).rejects.toThrow(
      /npm could not fetch node@24\.\d+\.\d+\. Install Node\.js 24/,
    );
  } finally {
    vi.unstubAllEnvs();
  }
});
