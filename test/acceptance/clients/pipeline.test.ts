import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tokenFor } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type CommandLine, commandLine } from "../../harness/stack/command-line.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const VALID = JSON.stringify(chain({ one: task("one") }), null, 2);
const CHANGED = JSON.stringify(chain({ one: task("one"), two: task("one") }), null, 2);
const TEMPLATE = "StartAt: One\nStates:\n  One: { Type: Task, Resource: '${Charge}', End: true }\n";
const BROKEN = '{\n  "StartAt": "One",\n  "States": { "One": { "Type": "Tusk", "End": true } }\n}\n';

describe("publishing from a pipeline", { timeout: 60_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), "pipeline-"));
  let stack: TestStack;
  let cli: CommandLine;
  let env: Record<string, string>;
  let folder: string;
  let name = "";
  beforeAll(async () => {
    stack = await testStack("one");
    cli = commandLine();
    const SLUICE_TOKEN = await tokenFor(stack.url, { client: "pipeline", scopes: ["flows:publish"] });
    env = { SLUICE_URL: stack.url, SLUICE_TOKEN, SLUICE_WORKSPACE: "demo" };
  });
  afterAll(async () => {
    rmSync(root, { recursive: true, force: true });
    cli.remove();
    await stack.close();
  });
  let flows = 0;
  beforeEach(() => {
    flows += 1;
    name = `flow-${flows}`;
    folder = join(root, name);
    mkdirSync(folder);
  });
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const sluice = (...args: string[]) => cli.runWith({ env }, ...args);
  const deploy = async (...args: string[]) => {
    const done = await sluice("flows", "deploy", folder, "--json", ...args);
    const { published, flows: shown } = done.json as {
      published: number;
      flows: { flowId: string; change?: string; version?: number; active?: boolean; ok: boolean }[];
    };
    return { code: done.code, stderr: done.stderr, published, flows: shown };
  };

  it("checks files without a service, with their substitutions", async () => {
    write(`${name}.asl.yaml`, TEMPLATE);
    write("other.asl.json", BROKEN);
    const offline = { SLUICE_URL: "http://127.0.0.1:1", SLUICE_TOKEN: "none", SLUICE_WORKSPACE: "demo" };
    const check = (...args: string[]) => cli.runWith({ env: offline }, "flows", "check", ...args);
    const one = await check(join(folder, `${name}.asl.yaml`));
    expect(one).toMatchObject({ code: 0 });
    expect(one.stderr).toContain("${Charge} has no value");
    write(`${name}.substitutions.json`, '{"Charge": "arn:aws:lambda:us-east-1:123456789012:function:one"}');
    expect((await check(join(folder, `${name}.asl.yaml`))).stderr).toBe("");
    const junit = join(folder, "report.xml");
    const both = await check(folder, "--junit", junit);
    expect(both.code).toBe(2);
    expect(both.stderr).toMatch(/other\.asl\.json:3:\d+: States\.One/);
    expect(readFileSync(junit, "utf8")).toContain('tests="2" failures="1"');
    rmSync(join(folder, "other.asl.json"));
  });

  it("asks the service in a dry run, which writes nothing", async () => {
    write(`${name}.asl.json`, VALID);
    const dry = await sluice("flows", "check", folder, "--dry-run", "--json");
    expect(dry).toMatchObject({
      code: 0,
      json: { flows: [{ flowId: name, change: "flow", version: 1, ok: true }] },
    });
    await stack.admin.expect([404], "GET", `/v1/workspaces/demo/flows/${name}`);
  });

  it("publishes what changed, as drafts or active versions", async () => {
    write(`${name}.asl.json`, VALID);
    expect(await deploy("--dry-run")).toMatchObject({ code: 0, published: 0, flows: [{ change: "flow" }] });
    const first = await deploy();
    expect(first).toMatchObject({
      code: 0,
      published: 1,
      flows: [{ change: "flow", version: 1, active: false }],
    });
    expect(await deploy()).toMatchObject({ published: 0, flows: [{ change: "none", version: 1 }] });
    const live = await deploy("--activate");
    expect(live).toMatchObject({ published: 1, flows: [{ change: "activation", version: 1, active: true }] });
    write(`${name}.asl.json`, CHANGED);
    const next = await deploy("--activate");
    expect(next).toMatchObject({ published: 1, flows: [{ change: "version", version: 2, active: true }] });
    expect(await deploy("--activate")).toMatchObject({ published: 0, flows: [{ change: "none" }] });
  });

  it("prints the plan first, for people", async () => {
    write(`${name}.asl.json`, VALID);
    const { stdout } = await sluice("flows", "deploy", folder, "--activate");
    expect(stdout).toMatch(new RegExp(`${name} +\\S+ +new flow, version 1\nPublished 1 of 1 flows\\.\n$`));
  });

  it("publishes nothing if one flow is refused, and annotates its line on GitHub", async () => {
    write(`${name}.asl.json`, VALID);
    write("broken.asl.json", BROKEN);
    const refused = await cli.runWith({ env: { ...env, GITHUB_ACTIONS: "true" } }, "flows", "deploy", folder);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^::error file=\S*broken\.asl\.json,line=3,col=\d+,title=broken::States\.One/m,
    );
    expect(refused.stdout).toContain("Nothing was published");
    await stack.admin.expect([404], "GET", `/v1/workspaces/demo/flows/${name}`);
    rmSync(join(folder, "broken.asl.json"));
  });

  it("ends at once without the permission, and refuses what cannot be a folder of flows", async () => {
    write(`${name}.asl.json`, VALID);
    const SLUICE_TOKEN = await tokenFor(stack.url, { client: "reader", scopes: ["flows:read"] });
    const denied = await cli.runWith({ env: { ...env, SLUICE_TOKEN } }, "flows", "deploy", folder);
    expect(denied.code).toBe(4);
    expect((await sluice("flows", "deploy", root)).stderr).toContain("contains no flow");
    write(`${name}.asl.yaml`, TEMPLATE);
    expect((await sluice("flows", "deploy", folder)).stderr).toMatch(/both define the flow/);
    const misnamed = await sluice("flows", "check", join(folder, "My_Flow.asl.json"));
    expect(misnamed).toMatchObject({ code: 2, stderr: expect.stringMatching(/My_Flow .*Rename the file/) });
  });
});
