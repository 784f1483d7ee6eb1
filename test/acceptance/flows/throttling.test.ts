import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type Answer, eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** `npm run test:throttling` runs a few hundred. */
const RUNS = Number(process.env["THROTTLED_RUNS"] ?? 3);
const SHARE = 0.3;
/**
 * After a throttled call, the SDK waits half a second of real time or more, so only `npm run test:throttling` throttles all of
 * them.
 */
const OF_SDK = process.env["THROTTLED_RUNS"] === undefined ? 0.02 : SHARE;
/** The error names of the services. */
const THROTTLES = {
  dynamodb: ["ProvisionedThroughputExceededException", "ThrottlingException"],
  states: ["ThrottlingException"],
  scheduler: ["ThrottlingException"],
  lambda: ["TooManyRequestsException"],
  events: ["ThrottlingException"],
} as const;

/** The user's own functions are throttled too, and the flow retries them; it would show any other error. */
const OWN_RETRY = {
  ErrorEquals: ["Lambda.TooManyRequestsException"],
  ...{ IntervalSeconds: 1, MaxDelaySeconds: 5, MaxAttempts: 60 },
};
const HANDLERS: JsonObject = {
  Retry: [OWN_RETRY, { ErrorEquals: ["States.ALL"], MaxAttempts: 2 }],
  Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "saved" }],
};
const { Catch, Retry } = HANDLERS as { Catch: Json[]; Retry: Json[] };
const step = (name: string) => task(name, { Retry, Catch, ResultPath: null });
const FLOW = (): JsonObject => {
  const { StartAt = "", States } = chain({
    one: step("one"),
    Fan: {
      Type: "Parallel",
      Branches: ["left", "right"].map((name) => chain({ [name]: task(name, { Retry: [OWN_RETRY] }) })),
      ...{ ResultPath: null, Retry: Retry.slice(1), Catch },
    },
    Approve: {
      ...{ Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Go on?" } },
      ...{ ResultPath: null, Retry: Retry.slice(1), Catch },
    },
    two: step("two"),
  });
  return { StartAt, States: { ...(States as JsonObject), saved: task("saved", { End: true }) } };
};
const STEPS = ["one", "left", "right", "two"];

describe(`with ${SHARE * 100} % of all invocations and ${OF_SDK * 100} % of all other calls to AWS throttled`, {
  timeout: 3_600_000,
}, () => {
  let stack: TestStack;
  let flow: FlowClient;
  beforeAll(async () => {
    stack = await testStack(...STEPS, "saved");
    await stack.admin.publish("throttled", FLOW());
    flow = new FlowClient(stack.operator, "throttled");
    let seed = 7;
    for (const [service, errors] of Object.entries(THROTTLES)) {
      for (const error of errors) {
        seed += 1;
        const fault = {
          service,
          operation: "*",
          when: "before",
          probability: (service === "lambda" ? SHARE : OF_SDK) / errors.length,
          seed,
          error,
        };
        await stack.admin.expect([200, 201, 204], "POST", "/local/faults", fault);
      }
    }
  });
  afterAll(() => stack.close());

  /** Like a client, it retries temporary refusals. */
  const patiently = async (call: () => Promise<Answer>, done: readonly number[]): Promise<Answer> => {
    for (let tries = 0; ; tries += 1) {
      const answer = await call();
      if (done.includes(answer.status)) return answer;
      if (![429, 500, 503].includes(answer.status) || tries === 30)
        throw new Error(`It answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
  };
  const statuses = async (runIds: readonly string[]): Promise<Map<string, Run>> => {
    const runs = runIds.map(async (runId) => {
      const { body } = await patiently(() => stack.operator.call("GET", `/runs/${runId}`), [200]);
      return [runId, body as unknown as Run] as const;
    });
    return new Map(await Promise.all(runs));
  };
  /** Advances the clock until every run meets the condition. */
  const until = async (runIds: readonly string[], wanted: (run: Run) => boolean): Promise<void> => {
    let open = runIds;
    for (let minutes = 0; open.length > 0; minutes += 1) {
      if (minutes > 120) throw new Error(`${open.length} runs did not get there`);
      await stack.admin.advance("PT1M");
      const runs = await statuses(open);
      open = open.filter((runId) => !wanted(runs.get(runId) as Run));
    }
  };
  const inAny =
    (...wanted: Run["status"][]) =>
    (run: Run) =>
      wanted.includes(run.status);

  it("are delayed but not lost, run each step once and show no error to the flow's handlers", async () => {
    const { operator, functions } = stack;
    const began = performance.now();
    const dispatched = await Promise.all(
      Array.from({ length: RUNS }, (_, i) =>
        patiently(
          () =>
            operator.call(
              "POST",
              "/flows/throttled/runs",
              { payload: { i } },
              { "idempotency-key": `run-${i}` },
            ),
          [202],
        ),
      ),
    );
    const runIds = dispatched.map(({ body }) => String(body["runId"]));
    expect(new Set(runIds).size).toBe(RUNS);
    const act = (runId: string, action: "pause" | "resume") =>
      patiently(() => operator.act(runId, action), [200, 409]);
    await Promise.all(runIds.filter((_, i) => i % 3 === 0).map((runId) => act(runId, "pause")));

    await patiently(() => flow.pause(), [200, 409]);
    const queued = await patiently(
      () =>
        operator.call(
          "POST",
          "/flows/throttled/runs",
          { payload: { i: RUNS } },
          { "idempotency-key": "queued" },
        ),
      [202],
    );
    await patiently(() => flow.resume({ drainRate: 20 }), [200, 409]);
    runIds.push(String(queued.body["runId"]));
    await Promise.all(runIds.filter((_, i) => i % 3 === 0).map((runId) => act(runId, "resume")));

    await until(runIds, inAny("waiting", "completed", "failed"));
    await patiently(() => flow.pause(), [200, 409]);
    await Promise.all(
      runIds.map(async (runId) => {
        const step = await eventually(async () => {
          const { body } = await operator.call<{ items?: { name: string; stepId: string }[] }>(
            "GET",
            `/runs/${runId}/steps`,
          );
          return body.items?.find(({ name }) => name === "Approve");
        }, 60);
        const path = `/runs/${runId}/steps/${step.stepId}/complete`;
        await patiently(() => operator.call("POST", path, { decision: "approved" }), [200, 409]);
      }),
    );
    await until(runIds, inAny("paused", "completed", "failed"));
    await patiently(() => flow.resume(), [200, 409]);
    await until(runIds, inAny("completed", "failed"));

    await stack.admin.expect([200, 204], "DELETE", "/local/faults");
    const census = await flow.census();
    expect(census).toEqual({ completed: RUNS + 1 });
    for (const name of STEPS) expect([name, functions.count(name)]).toEqual([name, RUNS + 1]);
    expect(functions.count("saved")).toBe(0);
    for (const runId of runIds.slice(0, 20)) {
      const audit = await operator.audit(runId);
      expect(audit).toHaveLength((await operator.run(runId)).rev);
    }
    await stack.admin.advance("PT3M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    expect((await flow.now()).draining).toBeNull();
    if (RUNS >= 100) console.log(`${RUNS} runs: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  });
});
