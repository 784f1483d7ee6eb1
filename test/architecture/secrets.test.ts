import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { synthesize } from "../infra/synth/synthesized.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["cli", "console", "docs", "examples", "functions", "infra", "shared", "test", ".ci"];

/** Patterns of real secrets. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  "an AWS access key": /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  "a signed token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/,
  "a token of npm's or GitHub's": /\b(npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36})\b/,
};
const secretsIn = (text: string): string[] =>
  Object.entries(SECRETS).flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []));

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(png|svg)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name)),
);

it("finds a planted secret", () => {
  const planted = [
    ["AKIA", "Q".repeat(16)].join(""),
    ["-----BEGIN RSA PRIVATE", "KEY-----"].join(" "),
    ["eyJhbGciOiJub25l", "eyJzdWIiOiJhbm4i", "c".repeat(43)].join("."),
    `npm_${"a".repeat(36)}`,
  ];
  expect(planted.flatMap(secretsIn)).toEqual(Object.keys(SECRETS));
});

it("no file of the project contains a secret", () => {
  expect(files.length).toBeGreaterThan(800);
  expect(files.filter((file) => secretsIn(readFileSync(file, "utf8")).length > 0)).toEqual([]);
});

it("no template and no function's environment contains a secret", () => {
  const { resources } = synthesize();
  const functions = Object.values(resources("AWS::Lambda::Function"));
  expect(functions.length).toBeGreaterThan(15);
  for (const { Properties } of functions) {
    const { Variables = {} } = (Properties["Environment"] ?? {}) as { Variables?: Record<string, unknown> };
    expect(Object.keys(Variables).filter((name) => /SECRET|PASSWORD|TOKEN|CREDENTIAL/i.test(name))).toEqual(
      [],
    );
    expect(secretsIn(JSON.stringify(Properties))).toEqual([]);
  }
});
