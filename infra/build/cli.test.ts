import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bundleCli, CLI_FILE } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bundled command line", () => {
  const { inputs, outputs } = bundleCli(folder);
  const entry = Object.entries(outputs).find(([file]) => file.endsWith(CLI_FILE))?.[1];

  it("is executable on its own", () => {
    const said = execFileSync(join(folder, CLI_FILE), ["--version"], { encoding: "utf8" });
    expect(said.trim()).toBe(manifest.version);
  });
  it("imports the types of schemas, but not the schemas", () => {
    expect(Object.keys(inputs).filter((file) => /node_modules\/zod\//.test(file))).toEqual([]);
  });
  it("starts without code that only some commands need", () => {
    const atStart = Object.keys(entry?.inputs ?? {});
    expect(atStart).toContain("cli/program.ts");
    expect(
      atStart.filter((file) =>
        /node_modules\/(listr2|yaml|@aws-sdk|@smithy)|cli\/login\/login[.]ts/.test(file),
      ),
    ).toEqual([]);
  });
});
