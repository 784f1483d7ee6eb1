import { DeleteFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { RedriveExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";

import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { sdkConfig } from "../../harness/ledger/stored-items.ts";
import { runOf, Team, TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ORDERS = chain({ one: task("one"), two: task("two") });
/** A definition as people write it by hand. Detaching must restore it byte for byte. */
const ORDERS_TEXT = `${JSON.stringify(ORDERS, null, 3)}\n`;

describe("a team's own state machine", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  const deleteFunction = async (FunctionName: string) => {
    const lambda = new LambdaClient(sdkConfig(stack.url, "lambda"));
    await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    lambda.destroy();
  };
  const attach = (flowId: string, { arn }: TeamMachine, more: object = {}) =>
    stack.admin.call("POST", `/flows/${flowId}/attach`, { stateMachineArn: arn, ...more });

  const attached = async (flowId: string, definition: JsonObject): Promise<TeamMachine> => {
    const machine = await team.create(flowId, definition);
    const answer = await attach(flowId, machine);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return machine;
  };

  it("is attached while five of ten executions run, and its later executions are runs", async () => {
    const machine = await team.create("orders", ORDERS_TEXT);
    const ended = await Promise.all(Array.from({ length: 5 }, (_, n) => machine.start({ n })));
    for (const arn of ended) expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    const calls = stack.functions.count("one");
    stack.functions.block("one");
    const before = await Promise.all(Array.from({ length: 5 }, (_, n) => machine.start({ n })));
    await eventually(() => stack.functions.count("one") === calls + 5 || undefined);

    const dry = await attach("orders", machine, { dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { report: { unsupported: [], missingGrants: [] } } });
    expect(await machine.text()).toBe(ORDERS_TEXT);
    expect((await stack.admin.call("GET", "/flows/orders")).status).toBe(404);

    const attached = await attach("orders", machine);
    expect(attached).toMatchObject({
      status: 200,
      body: {
        flow: { kind: "attached", stateMachineArn: machine.arn, runAs: "system", version: 1 },
        version: 1,
        report: { transitionsPerRun: { before: 2, after: 5 } },
      },
    });
    expect(await machine.text()).not.toBe(ORDERS_TEXT);
    stack.functions.release("one");
    for (const arn of before) expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect((await new FlowClient(stack.operator, "orders").runs()).length).toBe(0);

    const arn = await machine.start({ order: 7 }, "order-7");
    const execution = await machine.ended(arn);
    expect(execution).toMatchObject({ status: "SUCCEEDED" });
    const found = await runOf(stack.operator, arn);
    const run = await stack.operator.untilStatus(found.runId, "completed");
    expect(run).toMatchObject({
      payload: { order: 7 },
      output: JSON.parse(execution.output ?? ""),
      startedBy: { kind: "execution", id: "order-7" },
      executionArn: arn,
    });
    const steps = await stack.operator.steps(run.runId);
    expect(steps.map(({ name, status }) => [name, status])).toEqual([
      ["one", "completed"],
      ["two", "completed"],
    ]);
    expect((await stack.operator.audit(run.runId)).map(({ action, actor }) => [action, actor.kind])).toEqual([
      ["complete", "system"],
      ["begin", "system"],
      ["dispatch", "execution"],
    ]);
    // The graph is drawn from the text without gates.
    const graph = await stack.operator.expect<{ definition: JsonObject }>(
      [200],
      "GET",
      `/flows/orders/versions/${run.flowVersion}`,
    );
    expect(graph.definition).toEqual(ORDERS);
    const flow = await stack.operator.expect<Flow>([200], "GET", "/flows/orders");
    expect(flow).not.toHaveProperty("drift");
    expect((await stack.admin.call("POST", "/flows/orders/detach", {})).status).toBe(200);
    expect(await machine.text()).toBe(ORDERS_TEXT);
  });

  it("stops at a breakpoint, says what it would call next, and goes on step by step", async () => {
    const machine = await attached("stepped", ORDERS);
    const calls = () => ["one", "two"].map((name) => stack.functions.count(name));
    const [ones = 0, twos = 0] = calls();
    stack.functions.block("one");
    const arn = await machine.start({ order: 8 });
    await eventually(() => stack.functions.count("one") > ones || undefined);
    const { runId } = await runOf(stack.operator, arn);
    expect((await stack.operator.act(runId, "pause", { before: "two" })).status).toBe(200);
    stack.functions.release("one");
    const stands = await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(stands.pausedBy).toMatchObject({ kind: "user", reason: "Breakpoint at two" });
    const rehearsed = await stack.operator.act(runId, "resume", { dryRun: true });
    expect(rehearsed.body["rehearsal"]).toMatchObject({
      next: { state: "two", input: { order: 8, one: 1 } },
    });
    expect(calls()).toEqual([ones + 1, twos]);
    expect((await stack.operator.act(runId, "resume", { steps: 1 })).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect(calls()).toEqual([ones + 1, twos + 1]);
  });

  it("lets people pause, resume, cancel and replay the runs of executions that others start", async () => {
    const { operator, functions } = stack;
    const machine = await attached("controlled", ORDERS);
    functions.block("one");
    const before = functions.count("one");
    const [paused, cancelled] = await Promise.all([machine.start({ n: 1 }), machine.start({ n: 2 })]);
    await eventually(() => functions.count("one") === before + 2 || undefined);
    const first = await runOf(operator, paused);
    const second = await runOf(operator, cancelled);
    expect((await operator.act(first.runId, "pause")).status).toBe(200);
    expect((await operator.act(second.runId, "cancel", { reason: "wrong price" })).status).toBe(200);
    functions.release("one");
    expect(await machine.ended(cancelled)).toMatchObject({
      status: "ABORTED",
      error: "Sluice.Cancelled",
      cause: "wrong price",
    });
    await operator.until(first.runId, ({ parkedAt }) => parkedAt !== undefined);
    expect((await machine.execution(paused)).status).toBe("RUNNING");
    const elsewhere = (body: JsonObject) => stack.admin.act(first.runId, "resume", body);
    expect(await elsewhere({ at: "two" })).toMatchObject({
      status: 409,
      body: { code: "execution_awaited", detail: expect.stringContaining("may be waiting for it") },
    });
    const moved = { action: "resume", runIds: [first.runId], version: "latest", dryRun: true };
    expect((await stack.admin.call("POST", "/bulk-operations", moved)).body).toMatchObject({
      possible: 0,
      places: [{ state: "two", code: "execution_awaited" }],
    });
    expect((await operator.act(first.runId, "resume")).status).toBe(200);
    await machine.ended(paused);
    const done = await operator.untilStatus(first.runId, "completed");

    const replay = await operator.expect<Run>([202], "POST", `/runs/${first.runId}/replay`, {});
    const again = await operator.untilStatus(replay.runId, "completed");
    expect(again).toMatchObject({ replayOf: first.runId, output: done.output, flowVersion: 1 });
    expect(again.executionArn).toContain(`:execution:controlled:${again.runId}.1`);
    const dispatched = await operator.dispatch("controlled", { n: 3 });
    await operator.untilStatus(dispatched.runId, "completed");
  });

  it("parks executions that start while the flow is held, and resumes each once after 14 days", async () => {
    const { operator, functions } = stack;
    const machine = await attached("held", ORDERS);
    const flow = new FlowClient(operator, "held");
    expect((await flow.pause({})).status).toBe(200);
    const before = functions.count("one");
    const started = await Promise.all([1, 2, 3].map((n) => machine.start({ n })));
    const runs = await Promise.all(started.map((arn) => runOf(operator, arn)));
    for (const { runId } of runs) await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(functions.count("one")).toBe(before);
    await stack.admin.advance("P14D");
    for (const arn of started) expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    for (const { runId } of runs) await operator.untilStatus(runId, "completed");
    expect(functions.count("one")).toBe(before + 3);
  });

  it("fails new executions while the flow rejects records, and lets its existing ones continue", async () => {
    const { operator, functions } = stack;
    const machine = await attached(
      "rejecting",
      chain({
        Both: {
          Type: "Parallel",
          Branches: [chain({ one: task("one") }), chain({ two: task("two") })],
          Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 5 }],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "After" }],
        },
        After: { Type: "Wait", Seconds: 1 },
      }),
    );
    functions.block("one");
    const before = functions.count("one");
    const arn = await machine.start({});
    await eventually(() => functions.count("one") === before + 1 || undefined);
    expect((await new FlowClient(operator, "rejecting").pause({ mode: "reject" })).status).toBe(200);
    functions.release("one");
    const run = await runOf(operator, arn);
    await operator.untilStatus(run.runId, "paused");
    expect(await machine.ended(await machine.start({}))).toMatchObject({
      status: "FAILED",
      error: "Sluice.FlowHeld",
      cause: expect.stringMatching(/^The flow is paused and rejects new runs/),
    });
    expect((await new FlowClient(operator, "rejecting").resume({})).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
  });

  it("returns its exact output to a parent that waits for it", async () => {
    const machine = await attached("child", ORDERS);
    const parent = await team.create("parent", {
      StartAt: "Child",
      States: {
        Child: {
          Type: "Task",
          Resource: "arn:aws:states:::states:startExecution.sync:2",
          Parameters: { StateMachineArn: machine.arn, "Input.$": "$" },
          OutputPath: "$.Output",
          End: true,
        },
      },
    });
    const ended = await parent.ended(await parent.start({ n: [1] }));
    expect(JSON.parse(ended.output ?? "")).toEqual({ n: [1], one: 1, two: 1 });
  });

  it("restores the definition byte for byte, and leaves executions in progress alone", async () => {
    const { operator, admin, functions } = stack;
    const machine = await team.create("returned", ORDERS_TEXT);
    expect((await attach("returned", machine)).status).toBe(200);
    functions.block("one");
    const before = functions.count("one");
    const arn = await machine.start({});
    await eventually(() => functions.count("one") === before + 1 || undefined);
    const refused = await admin.call("POST", "/flows/returned/detach", {});
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "flow_has_open_runs", counts: { running: 1 } },
    });
    expect(await machine.text()).not.toBe(ORDERS_TEXT);
    functions.release("one");
    await operator.untilStatus((await runOf(operator, arn)).runId, "completed");

    const detached = await admin.call("POST", "/flows/returned/detach", {});
    expect(detached).toMatchObject({ status: 200, body: { kind: "managed", version: 0 } });
    expect(detached.body).not.toHaveProperty("stateMachineArn");
    expect(await machine.text()).toBe(ORDERS_TEXT);
    expect(await machine.ended(await machine.start({}))).toMatchObject({ status: "SUCCEEDED" });
    expect((await new FlowClient(operator, "returned").runs()).length).toBe(1);
    expect((await admin.call("DELETE", "/flows/returned")).status).toBe(204);
    expect((await attach("returned-again", machine)).status).toBe(200);
  });

  it("reports a replaced definition, and never overwrites it with an older one", async () => {
    const { admin, operator } = stack;
    const machine = await attached("drifting", ORDERS);
    const theirs = chain({ two: task("two") });
    const drifts = async () =>
      (await admin.expect<Record<string, { sum: number }>>([200], "GET", "/local/metrics"))["FlowsDrifted"]
        ?.sum ?? 0;
    await machine.overwrite(theirs);
    expect(await admin.expect([200], "GET", "/flows/drifting")).toMatchObject({ drift: true });
    const before = await drifts();
    await admin.advance("PT1H1M");
    expect(await drifts()).toBeGreaterThan(before);
    const pause = await new FlowClient(operator, "drifting").pause({});
    expect(pause).toMatchObject({ status: 409, body: { code: "flow_drifted" } });
    expect((await attach("drifting", machine)).body).toMatchObject({ version: 2, flow: { version: 2 } });
    const arn = await machine.start({});
    await machine.ended(arn);
    expect(await runOf(operator, arn)).toMatchObject({ flowVersion: 2 });
    await machine.overwrite(theirs);
    await operator.untilStatus((await runOf(operator, arn)).runId, "completed");
    expect((await admin.call("POST", "/flows/drifting/detach", {})).status).toBe(200);
    expect(JSON.parse(await machine.text())).toEqual(theirs);
  });

  it("refuses what may not be attached, and writes nothing", async () => {
    const { admin } = stack;
    const machine = await attached("mine", ORDERS);
    const another = await attach("another", machine);
    expect(another).toMatchObject({ status: 409, body: { code: "attach_refused" } });
    expect(another.body["detail"]).toContain("already attached to the flow mine");
    await admin.publish("managed", ORDERS);
    expect(await attach("managed", machine)).toMatchObject({ status: 409, body: { code: "attach_refused" } });
    for (const [method, path, body] of [
      ["PUT", "/flows/mine", { definition: ORDERS }],
      ["POST", "/flows/mine/versions/1/activate", {}],
      ["DELETE", "/flows/mine", undefined],
    ] as const)
      expect(await admin.call(method, path, body)).toMatchObject({
        status: 409,
        body: { code: "flow_is_attached" },
      });

    const denied = new Team(stack.url, "without-grant");
    await admin.expect([200], "POST", "/local/roles", { roleArn: denied.roleArn, mayCall: false });
    const locked = await denied.create("locked", ORDERS_TEXT);
    const missing = await attach("locked", locked);
    expect(missing).toMatchObject({
      status: 409,
      body: {
        code: "grants_missing",
        report: {
          missingGrants: [
            { action: "lambda:InvokeFunction", resource: expect.stringMatching(/:sluice-gate:ws-demo$/) },
            { action: "lambda:InvokeFunction", resource: expect.stringMatching(/:sluice-park:ws-demo$/) },
          ],
        },
      },
    });
    expect(await locked.text()).toBe(ORDERS_TEXT);
    expect((await admin.call("GET", "/flows/locked")).status).toBe(404);
    expect(await attach("none", new TeamMachine(team.client, `${machine.arn}-none`))).toMatchObject({
      status: 409,
      body: { code: "attach_refused" },
    });
    expect(
      (await stack.operator.call("POST", "/flows/x/attach", { stateMachineArn: machine.arn })).status,
    ).toBe(403);
  });

  it("changes whenUnreachable of attached flows only, and never overwrites a replaced definition", async () => {
    const { admin } = stack;
    const machine = await attached("set", ORDERS);
    const put = (flowId: string, body: object) => admin.call("PUT", `/flows/${flowId}/settings`, body);
    expect(await put("set", {})).toMatchObject({
      status: 200,
      body: { whenUnreachable: "pass", version: 1 },
    });
    expect(await put("set", { whenUnreachable: "pass" })).toMatchObject({
      status: 200,
      body: { version: 1 },
    });
    expect((await put("set", { whenUnreachable: "loop" })).status).toBe(422);
    expect((await put("set", { onFire: true })).body).toMatchObject({ code: "invalid_request" });
    expect((await stack.operator.call("PUT", "/flows/set/settings", {})).status).toBe(403);
    expect((await put("nobody", {})).status).toBe(404);
    expect(await put("set", { onFailure: "pause" })).toMatchObject({ status: 200, body: { version: 1 } });
    await admin.publish("set-managed", ORDERS);
    expect(await put("set-managed", { whenUnreachable: "fail" })).toMatchObject({
      status: 409,
      body: { code: "action_not_allowed" },
    });
    await machine.overwrite(chain({ two: task("two") }));
    const text = await machine.text();
    // The refusal of one setting leaves the other as it was.
    expect(await put("set", { whenUnreachable: "fail", onFailure: "fail" })).toMatchObject({
      status: 409,
      body: { code: "flow_drifted" },
    });
    expect(await machine.text()).toBe(text);
    expect(await admin.expect([200], "GET", "/flows/set")).toMatchObject({ onFailure: "pause" });
  });

  it("lets the children of a Distributed Map finish without gates while the run is paused", async () => {
    const { operator, functions } = stack;
    const children = chain({ one: task("one"), inner: task("two") });
    const machine = await team.create(
      "mapped",
      chain({
        Each: {
          Type: "Map",
          ItemsPath: "$.items",
          ResultPath: "$.done",
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            ...children,
          },
        },
        two: task("two"),
      }),
    );
    const report = (await attach("mapped", machine)).body["report"];
    const free = "the children of this Distributed Map have no gates in an attached flow";
    expect(report).toMatchObject({ warnings: [expect.stringContaining(free)] });
    functions.block("one");
    const [ones, twos] = [functions.count("one"), functions.count("two")];
    const arn = await machine.start({ items: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    await eventually(() => functions.count("one") === ones + 3 || undefined);
    const { runId } = await runOf(operator, arn);
    expect((await operator.act(runId, "pause")).status).toBe(200);
    functions.release("one");
    await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    // The children have ended, each with the item that it was given, and the step after them has not begun.
    expect(functions.count("two")).toBe(twos + 3);
    expect((await operator.act(runId, "resume")).status).toBe(200);
    const ended = await machine.ended(arn);
    const done = [1, 2, 3].map((n) => ({ n, one: 1, two: 1 }));
    expect(JSON.parse(ended.output ?? "")).toMatchObject({ done, two: 1 });
    expect(functions.count("two")).toBe(twos + 4);
    const steps = (await operator.steps(runId)).map(({ name, status }) => `${name} ${status}`);
    expect(steps).toEqual(["Each completed", "two completed"]);
  });

  it("fails an execution at once if it has no run or its run has ended", async () => {
    const { admin, operator } = stack;
    const machine = await attached("disowned", ORDERS);
    const arn = await machine.start({});
    await machine.ended(arn);
    const run = await runOf(operator, arn);
    await operator.untilStatus(run.runId, "completed");
    stack.functions.fail("two", "Broken");
    const failedArn = await machine.start({});
    expect(await machine.ended(failedArn)).toMatchObject({ status: "FAILED", error: "Broken" });
    stack.functions.mend("two");
    const failed = await operator.untilStatus((await runOf(operator, failedArn)).runId, "failed");
    expect(failed.error).toMatchObject({ error: "Broken", state: "two" });
    // The compiled text of an attached flow, in a machine that is not attached.
    const copy = await team.create("copy", await machine.text());
    expect(await copy.ended(await copy.start({}))).toMatchObject({
      status: "FAILED",
      error: "Sluice.NotARun",
      cause: expect.stringMatching(/^The state machine copy is not attached/),
    });
    // Names like those that Sluice gives: one of a run of this flow, and one without a run.
    for (const name of [`${run.runId}.1`, "0192f3c4-1111-7abc-8def-0123456789ab.1"]) {
      const named = await machine.start({ named: true }, name);
      await machine.ended(named);
      const own = await runOf(operator, named);
      expect(own.runId).not.toBe(run.runId);
      await operator.untilStatus(own.runId, "completed");
    }
    await admin.publish("of-sluice", ORDERS);
    const dispatched = await operator.dispatch("of-sluice", {});
    const { executionArn = "" } = await operator.untilStatus(dispatched.runId, "completed");
    const managed = new TeamMachine(
      team.client,
      executionArn.replace(":execution:", ":stateMachine:").replace(/:[^:]+$/, ""),
    );
    for (const name of ["by-hand", `${run.runId}.1`]) {
      expect(await managed.ended(await managed.start({}, name))).toMatchObject({
        status: "FAILED",
        error: "Sluice.NotARun",
      });
    }
    expect(await operator.run(run.runId)).toMatchObject({ status: "completed", rev: 3 });
    // A redrive begins with the step that was stopped. The gate after it knows that the run was cancelled.
    const before = stack.functions.count("one");
    stack.functions.block("one");
    const redriven = await machine.start({});
    await eventually(() => stack.functions.count("one") === before + 1 || undefined);
    const cancelled = await runOf(operator, redriven);
    expect((await operator.act(cancelled.runId, "cancel", { reason: "a mistake" })).status).toBe(200);
    stack.functions.release("one");
    await machine.ended(redriven);
    await team.client.send(new RedriveExecutionCommand({ executionArn: redriven }));
    expect(await machine.ended(redriven)).toMatchObject({
      status: "FAILED",
      error: "Sluice.RunIsOver",
      cause: `The run ${cancelled.runId} was cancelled by operator: a mistake. Start a new execution, or replay the run.`,
    });
    expect(stack.functions.count("one")).toBe(before + 2);
  });

  it.each([
    [
      "the grant",
      (roleArn: string) => stack.admin.expect([200], "POST", "/local/roles", { roleArn, mayCall: false }),
    ],
    // The last test, because the stack has no gate any more.
    ["the gate's function", () => deleteFunction("sluice-gate")],
  ])(
    "race 45: 20 runs continue without gates when %s is gone, or fail if whenUnreachable is fail",
    async (what, remove) => {
      const { admin, operator, functions } = stack;
      const name = what.replaceAll(/[^a-z]/g, "-");
      const deployed = new Team(stack.url, `loses-${name}`);
      const passing = await deployed.create(`${name}-passing`, ORDERS);
      const failing = await deployed.create(`${name}-failing`, ORDERS);
      for (const machine of [passing, failing])
        expect((await attach(`${name}-${machine === passing ? "passing" : "failing"}`, machine)).status).toBe(
          200,
        );
      const settings = await admin.call("PUT", `/flows/${name}-failing/settings`, {
        whenUnreachable: "fail",
      });
      expect(settings).toMatchObject({ status: 200, body: { whenUnreachable: "fail", version: 2 } });
      const [one, two] = ["one", "two"].map((step) => functions.count(step));
      functions.block("one");
      const start = (machine: TeamMachine) =>
        Promise.all(Array.from({ length: 10 }, (_, n) => machine.start({ n })));
      const [ungated, failed] = await Promise.all([start(passing), start(failing)]);
      await eventually(() => functions.count("one") === (one ?? 0) + 20 || undefined);
      await remove(deployed.roleArn);
      functions.release("one");
      const late = await passing.start({ n: 10 });
      await eventually(async () => {
        await admin.advance("PT1M");
        const found = await Promise.all([late, ...ungated, ...failed].map((arn) => passing.execution(arn)));
        return found.every(({ status }) => status !== "RUNNING") || undefined;
      }, 60);
      for (const [n, arn] of [...ungated, late].entries()) {
        const ended = await passing.execution(arn);
        expect(ended.status).toBe("SUCCEEDED");
        expect(JSON.parse(ended.output ?? "")).toEqual({ n, one: 1, two: 1 });
      }
      for (const arn of failed)
        expect(await failing.execution(arn)).toMatchObject({
          status: "FAILED",
          error: "Sluice.GateUnreachable",
        });
      // Each step ran once, and the closing events end the runs that had begun.
      expect(["one", "two"].map((step) => functions.count(step))).toEqual([(one ?? 0) + 21, (two ?? 0) + 11]);
      await admin.advance("PT1M");
      const runs = async (machine: string) =>
        (await new FlowClient(operator, `${name}-${machine}`).runs()).map(({ status }) => status);
      expect(await runs("passing")).toEqual(Array.from({ length: 10 }, () => "completed"));
      expect(await runs("failing")).toEqual(Array.from({ length: 10 }, () => "failed"));
    },
  );
});
