import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bundleLocalStack } from "./local-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-local-stack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bundled local stack", async () => {
  const { inputs, outputs } = await bundleLocalStack(folder);

  it("has the program, and each module that runs in a thread or process of its own", () => {
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(["main.mjs", "worker.mjs", "jsonata-child.mjs"]),
    );
  });
  it("imports only packages that are installed with Sluice", () => {
    const packages = Object.values(outputs)
      .flatMap(({ imports }) => imports.flatMap(({ path, external }) => (external === true ? [path] : [])))
      .filter((path) => !isBuiltin(path))
      .map((path) => path.split("/", path.startsWith("@") ? 2 : 1).join("/"));
    expect([...new Set(packages)].filter((name) => !(name in manifest.dependencies))).toEqual([]);
  });
  it("contains the functions that are deployed, and nothing of the stacks or the command line", () => {
    const files = Object.keys(inputs);
    expect(files).toContain("functions/lambda.ts");
    expect(files.filter((file) => /^(cli|test|infra\/(stacks|constructs))\//.test(file))).toEqual([]);
  });
});
