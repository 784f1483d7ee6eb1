import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenFor } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type CommandLine, commandLine } from "../../harness/stack/command-line.ts";
import { Team } from "../../harness/stack/team-machine.ts";
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
