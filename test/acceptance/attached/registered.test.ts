import { RedriveExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fill } from "../../../shared/asl/source/substitutions.ts";
import { compileTemplate } from "../../../shared/asl/template.ts";
import type { Registered } from "../../../shared/model/api/responses.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, lambdaArn, task } from "../../harness/definitions.ts";
import { runOf, Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** As it is in a template: the functions' ARNs are known only when it is deployed. */
const textOf = (...names: string[]): string =>
  JSON.stringify(
    chain(Object.fromEntries(names.map((name) => [name, task(name, { Resource: `\${${name}.Arn}` })]))),
  );
const SUBSTITUTIONS = { "one.Arn": lambdaArn("one"), "two.Arn": lambdaArn("two") };

describe("a state machine that a template deploys with gates", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  const register = (flowId: string, definition: string, substitutions: object = SUBSTITUTIONS) =>
    stack.admin.expect<Registered>([200], "POST", `/flows/${flowId}/register`, { definition, substitutions });
  const bind = (flowId: string, { arn }: TeamMachine) =>
    stack.admin.call("POST", `/flows/${flowId}/bind`, { stateMachineArn: arn });
  const bound = (flowId: string, machine: TeamMachine) =>
    stack.admin.expect<Flow>([200], "POST", `/flows/${flowId}/bind`, { stateMachineArn: machine.arn });
  const flowOf = (flowId: string) => stack.operator.expect<Flow>([200], "GET", `/flows/${flowId}`);

  /** Returns the text that a deployment writes into the machine. */
  const deployedText = (flowId: string, text: string, { values }: Registered): string => {
    const compiled = compileTemplate({ text, flowId });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
    return fill(compiled.text, { ...SUBSTITUTIONS, ...values }).text;
  };
  const deploy = async (flowId: string, text: string): Promise<TeamMachine> => {
    const registered = await register(flowId, text);
    const machine = await team.create(flowId, deployedText(flowId, text, registered));
    await bound(flowId, machine);
    return machine;
  };

  it("is registered, deployed and bound, and its executions are runs that can be paused", async () => {
    const text = textOf("one", "two");
    const registered = await register("orders", text);
    expect(registered).toMatchObject({
      version: 1,
      flow: { version: 0 },
      values: {
        ...{ SluiceVersion: "1", SluicePartition: "aws" },
        ...{ SluiceGate: "sluice-gate:ws-demo", SluicePark: "sluice-park:ws-demo" },
      },
    });
    const deployed = deployedText("orders", text, registered);
    const machine = await team.create("orders", deployed);
    // Whoever starts it before the deployment is complete is not in the way.
    const early = await machine.ended(await machine.start({ n: 0 }));
    expect(early).toMatchObject({ status: "SUCCEEDED" });
    // A redrive is not in the way either.
    const before = stack.functions.count("one");
    stack.functions.block("one");
    const executionArn = await machine.start({ n: 0 });
    await eventually(() => stack.functions.count("one") === before + 1 || undefined);
    await team.client.send(new StopExecutionCommand({ executionArn }));
    stack.functions.release("one");
    await team.client.send(new RedriveExecutionCommand({ executionArn }));
    expect(await machine.ended(executionArn)).toMatchObject({ status: "SUCCEEDED", redriveCount: 1 });
    expect((await new FlowClient(stack.operator, "orders").runs()).length).toBe(0);

    expect(await bound("orders", machine)).toMatchObject({
      ...{ kind: "attached", version: 1, stateMachineArn: machine.arn },
    });
    expect(await machine.text()).toBe(deployed);
    stack.functions.block("one");
    const calls = stack.functions.count("one");
    const arn = await machine.start({ n: 1 });
    await eventually(() => stack.functions.count("one") === calls + 1 || undefined);
    const { runId } = await runOf(stack.operator, arn);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    stack.functions.release("one");
    await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    const run = await stack.operator.untilStatus(runId, "completed");
    expect(run).toMatchObject({ flowVersion: 1, payload: { n: 1 } });
    // Registering and binding again change nothing.
    const { rev } = await flowOf("orders");
    expect((await register("orders", text)).version).toBe(1);
    expect((await bound("orders", machine)).rev).toBe(rev);
    const replay = await stack.operator.expect<Run>([202], "POST", `/runs/${runId}/replay`, {});
    await stack.operator.untilStatus(replay.runId, "completed");
  });

  it("gets its next version by the next deployment, and the old one by a rollback", async () => {
    const old = textOf("one");
    const machine = await deploy("versions", old);
    const next = textOf("one", "two");
    const registered = await register("versions", next);
    expect(registered.version).toBe(2);
    expect((await flowOf("versions")).drift).toBeUndefined();
    await machine.overwrite(JSON.parse(deployedText("versions", next, registered)));
    // Between the machine and the binding: the text is no drift, and an execution is a run.
    expect((await flowOf("versions")).drift).toBeUndefined();
    const arn = await machine.start({});
    await machine.ended(arn);
    expect((await runOf(stack.operator, arn)).flowVersion).toBe(2);
    const drifts = async () =>
      (await stack.admin.expect<Record<string, { sum: number }>>([200], "GET", "/local/metrics"))[
        "FlowsDrifted"
      ]?.sum ?? 0;
    await stack.admin.advance("PT1H1M");
    expect(await drifts()).toBe(0);
    expect((await bound("versions", machine)).version).toBe(2);
    await machine.overwrite(chain({ one: task("one") }));
    await stack.admin.advance("PT1H1M");
    expect(await drifts()).toBe(1);

    const rolledBack = await register("versions", old);
    expect(rolledBack.version).toBe(1);
    await machine.overwrite(JSON.parse(deployedText("versions", old, rolledBack)));
    expect((await bound("versions", machine)).version).toBe(1);
    // Another value is another version, though the text is the same.
    const substitutions = { ...SUBSTITUTIONS, "one.Arn": lambdaArn("two") };
    expect((await register("versions", old, substitutions)).version).toBe(3);
  });

  it("is another machine after the template has replaced it", async () => {
    const text = textOf("one");
    const machine = await deploy("replaced", text);
    const values = await register("replaced", text);
    const next = await team.create("replaced-2", deployedText("replaced", text, values));
    expect(await bound("replaced", next)).toMatchObject({ stateMachineArn: next.arn });
    expect(await machine.ended(await machine.start({}))).toMatchObject({ status: "SUCCEEDED" });
    const copy = await team.create("replaced-copy", await next.text());
    expect(await copy.ended(await copy.start({}))).toMatchObject({ error: "Sluice.NotARun" });
    // The machine that it has left may be attached to another flow.
    await machine.overwrite(chain({ one: task("one") }));
    const attach = { stateMachineArn: machine.arn };
    expect((await stack.admin.call("POST", "/flows/other/attach", attach)).status).toBe(200);
  });

  it("is refused with another text, without permissions, and while its flow is another's", async () => {
    const text = textOf("one");
    const registered = await register("refused", text);
    const refused = async (machine: TeamMachine, code: string, detail: RegExp, flowId = "refused") => {
      const before = await flowOf(flowId);
      const { status, body } = await bind(flowId, machine);
      expect([status, body.code]).toEqual([409, code]);
      expect(body.detail).toMatch(detail);
      expect(await flowOf(flowId)).toEqual(before);
    };
    const plain = await team.create("plain", chain({ one: task("one") }));
    await refused(plain, "attach_refused", /does not have the gates of version 1/);
    const other = await team.create("other-id", deployedText("another", text, registered));
    await refused(other, "attach_refused", /compiled for another flow.* --flow refused/);
    const locked = new Team(stack.url, "locked");
    await stack.admin.expect([200], "POST", "/local/roles", { roleArn: locked.roleArn, mayCall: false });
    const machine = await locked.create("locked", deployedText("refused", text, registered));
    await refused(machine, "grants_missing", /lambda:InvokeFunction on .*:sluice-gate:ws-demo/);
    const taken = await deploy("taken", text);
    await refused(taken, "attach_refused", /already attached to the flow taken/);

    for (const [method, path, body] of [
      ["PUT", "/flows/refused", { definition: chain({ one: task("one") }) }],
      ["DELETE", "/flows/refused", undefined],
    ] as const)
      expect((await stack.admin.call(method, path, body)).body.code).toBe("flow_is_attached");
    const adopt = { stateMachineArn: plain.arn };
    expect((await stack.admin.call("POST", "/flows/refused/attach", adopt)).body.code).toBe("attach_refused");
    await stack.admin.expect([201], "PUT", "/flows/managed", { definition: chain({ one: task("one") }) });
    const { body } = await stack.admin.call("POST", "/flows/managed/register", { definition: "{" });
    expect(body).toMatchObject({ code: "invalid_definition", errors: [{ line: 1 }] });
    const filled = { definition: text, substitutions: SUBSTITUTIONS };
    const managed = await stack.admin.call("POST", "/flows/managed/register", filled);
    expect(managed.body).toMatchObject({
      code: "attach_refused",
      detail: expect.stringContaining("published"),
    });
  });

  it("is detached without a change of its text, and its gates let executions pass", async () => {
    const text = textOf("one");
    const machine = await deploy("left", text);
    const deployed = await machine.text();
    expect(await stack.admin.expect<Flow>([200], "POST", "/flows/left/detach", {})).toMatchObject({
      ...{ kind: "managed", version: 0 },
    });
    expect(await machine.text()).toBe(deployed);
    expect(await machine.ended(await machine.start({}))).toMatchObject({ status: "SUCCEEDED" });
    expect((await new FlowClient(stack.operator, "left").runs()).length).toBe(0);
    await stack.admin.expect([204], "DELETE", "/flows/left");

    await register("never", text);
    await stack.admin.expect<Flow>([200], "POST", "/flows/never/detach", {});
    await stack.admin.expect([204], "DELETE", "/flows/never");
  });
});
