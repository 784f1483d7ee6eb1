import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bundlePackages } from "./packages.ts";
import { projectRoot } from "./project-root.ts";

// Inside the project, where the packages that are not bundled are found.
mkdirSync(join(projectRoot, "dist"), { recursive: true });
const folder = mkdtempSync(join(projectRoot, "dist/packages-"));
const load = (name: string): Promise<object> => import(pathToFileURL(join(folder, name, "index.mjs")).href);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packages that others import", () => {
  const { gate, cdk, client } = bundlePackages(folder);
  const inputsOf = (file: string, { outputs }: typeof gate): string[] => {
    const [bundle] = Object.entries(outputs).filter(([name]) => name.endsWith(`${file}/index.mjs`));
    return Object.entries(bundle?.[1].inputs ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([name]) => name);
  };

  it("are those that package.json names", () => {
    expect(Object.values(manifest.exports).map(({ import: file }) => file)).toEqual([
      "./dist/gate/index.mjs",
      "./dist/cdk/index.mjs",
      "./dist/client/index.mjs",
    ]);
  });
  it("load in a user's function", async () => {
    // The SDK is not bundled; it is resolved from the file's location.
    const { outputs } = gate;
    const imports = Object.values(outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports.filter((path) => !path.startsWith("node:") && !path.startsWith("@aws-sdk/"))).toEqual([]);
    expect(Object.keys(await load("gate"))).toEqual(["sluiceGate", "withSluiceGate"]);
  });
  it("contain only what an inline gate needs, and nothing that starts, schedules or sweeps", () => {
    const inputs = inputsOf("gate", gate);
    expect(inputs).toContain("shared/domain/gates/decide-gate.ts");
    expect(inputs.filter((file) => /^(infra|cli)\/|outbound|sweep|drain|schedule/.test(file))).toEqual([]);
  });
  it("contain a client for browsers too, without packages or modules of Node.js, in at most 10 kB", async () => {
    expect(Object.keys(await load("client"))).toEqual(
      expect.arrayContaining(["createClient", "dispatch", "dispatchAndWait", "items", "waitForEnd"]),
    );
    expect(inputsOf("client", client).filter((file) => !file.startsWith("shared/"))).toEqual([]);
    const [output] = Object.values(client.outputs);
    expect(output?.imports).toEqual([]);
    expect(output?.bytes).toBeLessThan(10 * 1024);
  });
  it("load in a CDK app", async () => {
    expect(Object.keys(await load("cdk"))).toEqual(
      expect.arrayContaining(["Sluice", "PausableStateMachine", "SluiceFlow", "allowInlineGate"]),
    );
  });
  it("contain only constructs and grants for the deployer, and the compiler with its parsers", () => {
    const others = inputsOf("cdk", cdk).filter((file) => !/^(infra|shared\/(asl|model))\//.test(file));
    const packages = new Set(
      others.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file),
    );
    expect(
      [...packages].filter((name) => !/^shared\/store\/(keys|table-definition)\.ts$/.test(name)).sort(),
    ).toEqual([...["jsonata", "jsonc-parser", "yaml"]]);
  });
});
