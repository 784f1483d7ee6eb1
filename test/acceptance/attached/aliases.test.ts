import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { runOf, Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ORDERS_TEXT = JSON.stringify(chain({ one: task("one") }), null, 3);
const NEXT_TEXT = JSON.stringify(chain({ one: task("one"), two: task("two") }), null, 3);

describe("the aliases of a team's own state machine", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  const attach = (flowId: string, { arn }: TeamMachine, ...aliases: string[]) =>
    stack.admin.call("POST", `/flows/${flowId}/attach`, { stateMachineArn: arn, aliases });
  const attached = async (flowId: string, machine: TeamMachine, ...aliases: string[]): Promise<Flow> => {
    const { status, body } = await attach(flowId, machine, ...aliases);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body["flow"] as unknown as Flow;
  };
  const flowOf = (flowId: string): Promise<Flow> => stack.admin.expect([200], "GET", `/flows/${flowId}`);
  const detached = async (flowId: string): Promise<void> => {
    await eventually(async () => {
      const runs = await new FlowClient(stack.operator, flowId).runs();
      return runs.every(({ status }) => status === "completed") || undefined;
    });
    await stack.admin.expect([200], "POST", `/flows/${flowId}/detach`, {});
  };
  const runFrom = async (machine: TeamMachine, alias: TeamMachine) => {
    const arn = await alias.start({});
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    return runOf(stack.operator, arn);
  };
  /** The number of the version to which an alias points. */
  const versionOf = async (alias: TeamMachine): Promise<string> =>
    (await alias.routes()).map((arn) => arn.split(":").at(-1)).join();

  it("are listed by the report, and only existing ones can be named", async () => {
    const machine = await team.create("listed", ORDERS_TEXT);
    await machine.alias("live");
    const unknown = await attach("listed", machine, "live", "nobody");
    expect(unknown).toMatchObject({ status: 409, body: { code: "attach_refused" } });
    expect(unknown.body["detail"]).toContain("no alias nobody");
    const report = { stateMachineArn: machine.arn, dryRun: true };
    expect(await stack.admin.call("POST", "/flows/listed/attach", report)).toMatchObject({
      body: { report: { aliases: ["live"], versions: [`${machine.arn}:1`] } },
    });
    expect([await machine.text(), await versionOf(machine.qualified("live"))]).toEqual([ORDERS_TEXT, "1"]);
    expect((await stack.admin.call("GET", "/flows/listed")).status).toBe(404);
  });

  it("move if they are named, follow each later version of the gates, and move back", async () => {
    const machine = await team.create("moved", ORDERS_TEXT);
    const [live, other] = [await machine.alias("live"), await machine.alias("other")];
    const { rev } = await attached("moved", machine, "live");
    expect(await runFrom(machine, live)).toMatchObject({
      ...{ flowVersion: 1, startedBy: { kind: "execution" } },
    });
    expect([await versionOf(live), await versionOf(other)]).toEqual(["2", "1"]);
    expect(await attached("moved", machine, "live")).toMatchObject({ rev });
    expect(await attached("moved", machine)).toMatchObject({ rev });
    await stack.admin.expect([200], "PUT", "/flows/moved/settings", { whenUnreachable: "fail" });
    expect(await runFrom(machine, live)).toMatchObject({ flowVersion: 2 });
    await detached("moved");
    expect([await versionOf(live), await machine.text()]).toEqual(["1", ORDERS_TEXT]);
  });

  it("stay where their owner has moved them in the meantime, which is a drift until attached again", async () => {
    const machine = await team.create("theirs", ORDERS_TEXT);
    const [live, other] = [await machine.alias("live"), await machine.alias("other")];
    await attached("theirs", machine, "live", "other");
    await live.moveTo(`${machine.arn}:1`);
    expect(await flowOf("theirs")).toMatchObject({ drift: true });
    const pause = await new FlowClient(stack.operator, "theirs").pause({});
    expect(pause).toMatchObject({ status: 409, body: { code: "flow_drifted" } });
    await attached("theirs", machine);
    expect(await versionOf(live)).toBe("1");
    expect((await flowOf("theirs")).drift).toBeUndefined();
    await attached("theirs", machine, "live");
    expect(await runFrom(machine, live)).toMatchObject({ flowVersion: 1 });
    await other.moveTo(`${machine.arn}:1`);
    await machine.overwrite(NEXT_TEXT);
    const own = await machine.alias("next");
    await live.moveTo((await own.routes())[0] ?? "");
    await detached("theirs");
    expect([await versionOf(live), await versionOf(other)]).toEqual([await versionOf(own), "1"]);
  });

  it("take a new definition on request only, and then never return to the older one", async () => {
    const machine = await team.create("renewed", ORDERS_TEXT);
    const [live, other] = [await machine.alias("live"), await machine.alias("other")];
    await attached("renewed", machine, "live", "other");
    await machine.overwrite(NEXT_TEXT);
    await attached("renewed", machine, "live");
    expect(await runFrom(machine, live)).toMatchObject({ flowVersion: 2 });
    expect(await runFrom(machine, other)).toMatchObject({ flowVersion: 1 });
    expect((await flowOf("renewed")).drift).toBeUndefined();
    await detached("renewed");
    expect([await machine.text(), await versionOf(other)]).toEqual([NEXT_TEXT, "1"]);
    expect(await machine.qualified(await versionOf(live)).text()).toBe(NEXT_TEXT);
  });
});
