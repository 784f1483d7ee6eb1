import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METRIC_NAMESPACE } from "../../../shared/model/metrics.ts";
import { Client, eventually, tokenFor } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type StackProcess, startStackProcessIn } from "../../harness/stack/stack-process.ts";

interface Line {
  readonly level: string;
  readonly message: string;
  readonly function_name?: string;
  readonly function_request_id?: string;
  readonly cold_start?: boolean;
  readonly workspace?: string;
  readonly flow?: string;
  readonly run?: string;
  readonly [field: string]: unknown;
}

const SECRET = "s3cret";
const FLOW = chain({
  first: task("work"),
  Ask: {
    Type: "Task",
    Resource: "arn:sluice:::approval",
    Parameters: { Title: `Is ${SECRET} right?` },
    ResultPath: "$.answer",
  },
  last: task("work"),
});

/** The task token in the parameters of a call that waits for it. */
const tokenIn = (parameters: string | undefined): string[] => {
  const { at = [] } = (JSON.parse(parameters ?? "{}") as { Payload?: { at?: unknown[] } }).Payload ?? {};
  return typeof at[2] === "string" ? [at[2]] : [];
};

describe("the log of a run's whole life", () => {
  const functions = functionsFolder("work");
  let stack: StackProcess;
  let token: string;
  let tokens: string[];
  let runId: string;
  let lines: Line[];

  /**
   * Paused in a step, parked, resumed, answered, failed with a cause, replayed. Its flow is held, and the run is cancelled and
   * deleted.
   */
  beforeAll(async () => {
    stack = await startStackProcessIn(
      { POWERTOOLS_LOG_LEVEL: "INFO" },
      ...["--port", "0", "--data", ":memory:", "--functions", functions.dir],
    );
    token = await tokenFor(stack.url, { user: "operator" });
    const admin = new Client(stack.url, await tokenFor(stack.url, { user: "admin" }));
    const operator = new Client(stack.url, token);
    await admin.publish("life", FLOW);
    functions.block("work");
    ({ runId } = await operator.dispatch("life", { card: SECRET }));
    await eventually(() => functions.count("work") === 1 || undefined);
    await operator.act(runId, "pause", { reason: `because of ${SECRET}` });
    expect((await operator.act(runId, "pause")).status).toBe(409);
    functions.release("work");
    await operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    await operator.act(runId, "resume");
    const { waitingOn } = await operator.untilStatus(runId, "waiting");
    functions.fail("work", `${SECRET}.Declined`);
    const step = `/runs/${runId}/steps/${waitingOn?.stepId}`;
    await operator.expect([200], "POST", `${step}/complete`, { decision: "approved", comment: SECRET });
    await operator.untilStatus(runId, "failed");
    const history = await fetch(`${stack.url}/aws/states`, {
      method: "POST",
      headers: { "x-amz-target": "AWSStepFunctions.GetExecutionHistory" },
      body: JSON.stringify({ executionArn: (await operator.run(runId)).executionArn }),
    });
    tokens = (
      (await history.json()) as {
        events: { type: string; taskScheduledEventDetails?: { parameters: string } }[];
      }
    ).events.flatMap(({ taskScheduledEventDetails }) => tokenIn(taskScheduledEventDetails?.parameters));
    await admin.expect([200], "POST", "/flows/life/pause");
    const again = await operator.expect<{ runId: string }>([202], "POST", `/runs/${runId}/replay`);
    await operator.act(again.runId, "cancel", { reason: SECRET });
    await admin.expect([204], "DELETE", `/runs/${runId}`);
    await operator.advance("PT5M");
    await stack.stop();
    lines = stack.said.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Line);
  });
  afterAll(async () => {
    await stack?.kill();
    functions.remove();
  });

  const of = (functionName: string): Line[] => lines.filter((line) => line.function_name === functionName);

  it("names function, call, workspace and flow on every line", () => {
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) {
      expect(line, line.message).toMatchObject({
        function_name: expect.stringMatching(/^sluice-/),
        function_request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        cold_start: expect.any(Boolean),
        workspace: "demo",
      });
    }
    const first = new Map(lines.toReversed().map((line) => [line.function_name, line]));
    expect([...first.values()].map((line) => line.cold_start)).toEqual([...first].map(() => true));
    expect(of("sluice-gate").at(-1)?.cold_start).toBe(false);
  });

  it("names flow and run on every line about a run", () => {
    const about = lines.filter((line) => line.run !== undefined);
    const before = lines.findIndex(
      (line) => line["route"] === "DELETE /v1/workspaces/{workspace}/runs/{runId}",
    );
    for (const line of about) {
      expect(line.run, line.message).toMatch(/^[0-9a-f-]{36}$/);
      // Calls whose answer does not show the run know it by its id.
      if (
        lines.indexOf(line) < before &&
        !/steps|audit/.test(String(line["route"])) &&
        line["code"] === undefined
      )
        expect(line.flow, JSON.stringify(line)).toBe("life");
    }
    expect(new Set(about.map((line) => line.function_name))).toEqual(
      new Set(
        [
          "dispatch",
          "gate",
          "park",
          "human-step",
          "control",
          "read",
          "publish",
          "execution-closed",
          "sweep",
        ].map((name) => `sluice-${name}`),
      ),
    );
  });

  it("gives route, caller, status, code and duration of a request", () => {
    const control = of("sluice-control").filter((line) => line["route"] !== undefined && line["status"]);
    expect(control).toContainEqual(
      expect.objectContaining({
        message: "refused",
        route: "POST /v1/workspaces/{workspace}/runs/{runId}/pause",
        run: runId,
        callerKind: "user",
        caller: "operator",
        status: 409,
        code: "action_not_allowed",
        duration: expect.any(Number),
        apiRequestId: expect.any(String),
      }),
    );
    for (const line of control) {
      expect(line).toMatchObject({
        callerKind: "user",
        status: expect.any(Number),
        duration: expect.any(Number),
      });
    }
  });

  it("gives state, outcome and duration of a task", () => {
    const gates = of("sluice-gate").filter((line) => line.run === runId);
    expect(gates.map(({ state, outcome }) => [state, outcome])).toEqual([
      ["first", "passed"],
      ["Ask", "Sluice.Paused"],
      ["Ask", "passed"],
      ["last", "passed"],
      ["Sluice fail", "passed"],
    ]);
    for (const line of [...gates, ...of("sluice-park"), ...of("sluice-human-step")]) {
      expect(line).toMatchObject({ flow: "life", outcome: expect.any(String), duration: expect.any(Number) });
    }
  });

  it("contains no payload, reason, cause, comment or token", () => {
    const text = stack.said.join("\n");
    expect(tokens.length).toBeGreaterThan(1);
    for (const hidden of [SECRET, token, "told to fail", "Bearer", ...tokens])
      expect(text).not.toContain(hidden);
  });

  it("contains no metrics, which the local stack keeps", () => {
    expect(stack.said.filter((line) => line.includes(METRIC_NAMESPACE) && line.includes("_aws"))).toEqual([]);
  });
});
