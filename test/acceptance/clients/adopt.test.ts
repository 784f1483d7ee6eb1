import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenFor } from "../../harness/clients/client.ts";
import { chain, lambdaArn, task } from "../../harness/definitions.ts";
import { type CommandLine, commandLine } from "../../harness/stack/command-line.ts";
import { runOf, Team } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ORDERS = JSON.stringify(chain({ one: task("one") }), null, 4);

describe("adopting a state machine on the command line", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let cli: CommandLine;
  let env: Record<string, string>;
  beforeAll(async () => {
    stack = await testStack("one");
    cli = commandLine();
    env = {
      SLUICE_URL: stack.url,
      SLUICE_TOKEN: await tokenFor(stack.url, { user: "admin" }),
      SLUICE_WORKSPACE: "demo",
    };
  });
  afterAll(async () => {
    cli.remove();
    await stack.close();
  });
  const sluice = (...args: string[]) => cli.runWith({ env }, ...args);

  it("reports, applies and releases", async () => {
    const machine = await new Team(stack.url).create("orders", ORDERS);
    const report = await sluice("adopt", machine.arn, "--flow", "orders");
    expect(report).toMatchObject({ code: 0 });
    expect(report.stdout).toMatch(/no, this is only a report; add --apply to attach/);
    expect(report.stdout).toMatch(/1 per run today, 3 with gates/);
    expect(await machine.text()).toBe(ORDERS);

    const applied = await sluice("adopt", machine.arn, "--flow", "orders", "--apply", "--json");
    expect(applied).toMatchObject({ code: 0, json: { version: 1, flow: { kind: "attached" } } });
    expect(await machine.text()).not.toBe(ORDERS);
    expect((await sluice("flows", "get", "orders")).stdout).toContain(machine.arn);

    expect((await sluice("release", "orders", "--json")).json).toMatchObject({ kind: "managed" });
    expect(await machine.text()).toBe(ORDERS);
    expect(await sluice("release", "orders")).toMatchObject({ code: 6 });
  });

  it("compiles, registers and binds a machine that a template deploys", async () => {
    const file = join(cli.folder, "by-hand.asl.json");
    const compiled = join(cli.folder, "by-hand.sluice.json");
    writeFileSync(file, JSON.stringify(chain({ one: task("one", { Resource: `\${Charge}` }) })));
    expect(await sluice("compile", file, "--out", compiled)).toMatchObject({ code: 0 });
    const registered = await sluice("flows", "register", "by-hand", file);
    expect(registered.code).toBe(0);
    const values = registered.stdout.trim().split("\n");
    expect(values.map((line) => line.replace(/=[a-z2-7]{16}$/, "=…"))).toEqual([
      ...["SluiceIncarnation=…", "SluiceVersion=1", "SluiceGate=sluice-gate:ws-demo"],
      ...["SluicePark=sluice-park:ws-demo", "SluicePartition=aws"],
    ]);
    const filled = [...values, `Charge=${lambdaArn("one")}`].reduce(
      (text, line) => {
        const [name = "", value = ""] = line.split("=");
        return text.replaceAll(`\${${name}}`, value);
      },
      readFileSync(compiled, "utf8"),
    );
    const machine = await new Team(stack.url).create("by-hand", filled);
    const bound = await sluice("flows", "register", "by-hand", "--machine", machine.arn);
    expect(bound.stdout).toContain(machine.arn);
    const arn = await machine.start({ order: 1 });
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect(await runOf(stack.operator, arn)).toMatchObject({ flowId: "by-hand" });

    expect((await sluice("flows", "register", "by-hand")).code).toBe(2);
    expect((await sluice("release", "by-hand", "--json")).json).toMatchObject({ kind: "managed" });
    expect(await machine.text()).toBe(filled);
  });

  it("lists missing grants, and exits with the code for a refusal", async () => {
    const team = new Team(stack.url, "locked");
    await stack.admin.expect([200], "POST", "/local/roles", { roleArn: team.roleArn, mayCall: false });
    const machine = await team.create("locked", ORDERS);
    const report = await sluice("adopt", machine.arn, "--flow", "locked", "--dry-run");
    expect(report.code).toBe(6);
    expect(report.stdout).toMatch(/missing grant +lambda:InvokeFunction +Grant it .*:sluice-gate:ws-demo/);
    const refused = await sluice("adopt", machine.arn, "--flow", "locked", "--apply");
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("lacks permissions");
    expect(await machine.text()).toBe(ORDERS);
  });
});
