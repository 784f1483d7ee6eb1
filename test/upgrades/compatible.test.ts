import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { taskEvent } from "../../functions/middleware/task-schema.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { TaskEvent } from "../../shared/model/machines/task-events.ts";
import { stackTime } from "../harness/clients/flow-client.ts";
import { sdkConfig } from "../harness/ledger/stored-items.ts";
import { stackOf, type TestStack } from "../harness/stack/test-stack.ts";
import { FUNCTIONS } from "./catalogue.ts";
import { type GoldenCall, readRelease, recordedAt, releases } from "./release.ts";
import { RestoredRelease } from "./restored-release.ts";

const TASKS = ["sluice-gate", "sluice-park", "sluice-human-step"];
const OPS: Readonly<Record<string, TaskEvent["op"]>> = {
  "sluice-park": "park",
  "sluice-human-step": "human",
};
const opOf = (call: GoldenCall): TaskEvent["op"] => OPS[call.function] ?? "gate";
const kindOf = (call: GoldenCall): string => {
  const event = TASKS.includes(call.function) ? taskEvent(opOf(call), call.event) : call.event;
  return "kind" in event ? String(event.kind) : "";
};

/** All that an event says, by the names of the first version. */
const expectedOf = ({ at, flow, failure, ...rest }: JsonObject): JsonObject => {
  if (!Array.isArray(at)) return rest;
  const [arn, state, token] = at as [string, { Name: string; EnteredTime: string }, string?];
  const { Error: error, Cause: cause } = (failure ?? {}) as { Error?: string; Cause?: string };
  return {
    ...{ arn, execution: arn.split(":").at(-1) ?? "", entered: state.EnteredTime },
    ...(token === undefined ? {} : { token }),
    ...(flow === undefined ? {} : { flowId: flow }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...rest,
  };
};
describe.each(releases())("calls as release %s makes them", { timeout: 120_000 }, (name) => {
  const release = readRelease(name);
  let stack: TestStack;
  let lambda: LambdaClient;
  let old: RestoredRelease;
  beforeAll(async () => {
    stack = await stackOf(FUNCTIONS);
    lambda = new LambdaClient(sdkConfig(stack.url, "lambda"));
    old = await RestoredRelease.on(stack, release);
  });
  afterAll(async () => {
    old?.close();
    lambda?.destroy();
    await stack.close();
  });

  const called = async (call: GoldenCall): Promise<Pick<GoldenCall, "threw" | "answer">> => {
    const Payload = JSON.stringify(call.event);
    const answer = await lambda.send(new InvokeCommand({ FunctionName: call.function, Payload }));
    const body = JSON.parse(answer.Payload?.transformToString() ?? "null");
    return answer.FunctionError === undefined
      ? body === null
        ? {}
        : { answer: body }
      : { threw: body.errorType };
  };
  const told = ({ threw, answer }: Pick<GoldenCall, "threw" | "answer">) => {
    if (threw !== undefined) return { threw };
    const { nextAt: _clock, ...rest } = (answer ?? {}) as JsonObject;
    return rest;
  };

  it("there are calls of every kind", () => {
    const kinds = new Set(release.calls.map((call) => `${call.function} ${kindOf(call)}`.trim()));
    expect([...kinds].sort()).toEqual([
      ...["sluice-auto-resume manual", "sluice-bulk-batch", "sluice-drain", "sluice-gate complete"],
      ...["sluice-gate fail", "sluice-gate step", "sluice-gate wait", "sluice-human-step approval"],
      ...["sluice-human-step form", "sluice-park", "sluice-warning manual"],
    ]);
  });

  it("lose no field in the schemas", () => {
    for (const call of release.calls.filter((one) => TASKS.includes(one.function)))
      expect(taskEvent(opOf(call), call.event)).toMatchObject(expectedOf(call.event));
  });

  it("get the same answers as then, on the items of that time", async () => {
    const calls = [...release.calls].sort(
      (a, b) => Number(TASKS.includes(b.function)) - Number(TASKS.includes(a.function)),
    );
    for (const recorded of calls) {
      const call = recordedAt(recorded, await stackTime(stack.admin));
      await old.table.delete(await old.table.all());
      await old.table.put(call.before);
      const { function: name, event } = call;
      expect([name, event, told(await called(call))]).toEqual([name, event, told(call)]);
    }
  });
});
