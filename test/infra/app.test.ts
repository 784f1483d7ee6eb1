import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const output = mkdtempSync(join(tmpdir(), "sluice-synth-"));
afterAll(() => rmSync(output, { recursive: true, force: true }));

/** `npm run synth`, into another folder, on a machine that knows no AWS account. */
const synth = spawnSync(
  process.execPath,
  [join(projectRoot, "node_modules/aws-cdk/bin/cdk"), "synth", "--quiet", "--output", output],
  {
    cwd: projectRoot,
    encoding: "utf8",
    env: {
      PATH: `${join(projectRoot, "node_modules/.bin")}:${process.env["PATH"]}`,
      HOME: output,
      // Compiled once for all processes of the tests.
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
    },
  },
);

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName?: string;
    readonly violations: readonly { readonly ruleName: string; readonly description: string }[];
  }[];
}

describe("the CDK app", () => {
  it("is synthesized without an account", () => {
    expect(synth.stderr).not.toMatch(/error/i);
    expect(synth.status).toBe(0);
  });

  it("passes CDK's own check of the templates and the AwsSolutions rules", () => {
    const report = JSON.parse(readFileSync(join(output, "validation-report.json"), "utf8")) as Report;
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it("creates these stacks", () => {
    const manifest = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as {
      artifacts: Record<string, { type: string; environment?: string }>;
    };
    const stacks = Object.entries(manifest.artifacts).filter(
      ([, { type }]) => type === "aws:cloudformation:stack",
    );
    expect(stacks.map(([name]) => name).sort()).toEqual([
      "sluice-alarms",
      "sluice-api",
      "sluice-console",
      "sluice-console-content",
      "sluice-data",
      "sluice-identity",
      "sluice-schedule",
      "sluice-workflow",
    ]);
    for (const [name, { environment }] of stacks) {
      expect(environment, name).toBe("aws://unknown-account/unknown-region");
    }
  });
});
